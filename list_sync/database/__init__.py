"""What a database is: files, engines, schema, migrations, damage."""
