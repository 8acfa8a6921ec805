"""Lists that people saved: every form of file, recognised by its content, and the drop folder where they lie."""
