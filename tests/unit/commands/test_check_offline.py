import io


def test_an_empty_environment_is_told_what_to_set(cli):
    answer = cli("check", "--offline")

    assert answer.code == 2
    assert [line.split("  ")[1].split(" ")[0] for line in answer.lines if line.startswith("fix")] == [
        "OVERSEERR_URL",
        "OVERSEERR_API_KEY",
        "no",
    ]


def test_a_sound_configuration_is_ok_and_its_secrets_are_not_shown(cli, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://me:hunter2@host:5055")
    monkeypatch.setenv("OVERSEERR_API_KEY", "hunter2")
    monkeypatch.setenv("IMDB_LISTS", "top,ls000000001")

    answer = cli("check", "--offline")

    assert answer.code == 0
    assert all(line.startswith("ok ") for line in answer.lines)
    assert "hunter2" not in answer.out + answer.err


def test_services_for_messages_are_named_and_addresses_that_are_none(cli, monkeypatch):
    monkeypatch.setenv("NOTIFY_URLS", "json://me:hunter2@host/hunter2,nothing://hunter2")
    monkeypatch.setenv("DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/hunter2")
    monkeypatch.setenv("MQTT_URL", "mqtt://me:hunter2@broker")

    answer = cli("check", "--offline")

    assert "ok   messages go to JSON, and tell of new, left, failed, attention" in answer.lines
    assert "ok   a device of Home Assistant at the broker broker:1883" in answer.lines
    assert {"fix  NOTIFY_URLS", "fix  DISCORD_WEBHOOK_URL"} <= {line.split(":")[0] for line in answer.lines}
    assert "hunter2" not in answer.out + answer.err


def test_a_list_that_is_spelled_wrong_and_one_without_its_key_are_named(cli, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://host:5055")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")
    monkeypatch.setenv("IMDB_LISTS", "nonsense")
    monkeypatch.setenv("TRAKT_LISTS", "12345")

    answer = cli("check", "--offline")

    assert answer.code == 2
    imdb, trakt = (line for line in answer.lines if line.startswith("fix"))
    assert "imdb:nonsense (IMDB_LISTS)" in imdb
    assert "trakt:12345 needs TRAKT_CLIENT_ID" in trakt


def test_a_data_folder_that_is_a_file_is_named(cli, home, monkeypatch):
    (home / "data").write_text("")

    assert "fix  DATA_DIR: data is a file" in cli("check", "--offline").out


def test_providers_that_every_user_can_change_are_named(cli, home):
    folder = home / "config" / "providers"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text("")
    (folder / "mine.py").chmod(0o646)
    for place in (folder, folder.parent):
        place.chmod(0o755)
    note = "note: every user of this machine can change the providers in config/providers"

    assert note in cli("check", "--offline").out
    (folder / "mine.py").chmod(0o644)
    assert note not in cli("check", "--offline").out
    folder.chmod(0o777)
    assert note in cli("check", "--offline").out
    folder.parent.chmod(0o750)
    assert note not in cli("check", "--offline").out


def test_warnings_are_shown_as_notes(cli, monkeypatch):
    monkeypatch.setenv("AUTO_SYNC", "true")

    assert "ok   note: AUTO_SYNC: it is called AUTOMATED_MODE now" in cli("check", "--offline").lines


def test_a_misspelt_setting_is_one_note_with_the_right_name(cli, home, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVALS", "6")
    (home / ".env").write_text("IMDB_LIST=top\nSYNC_INTERVALS=6\n")

    notes = [line for line in cli("check", "--offline").lines if "did you mean" in line]

    assert notes == [
        "ok   note: IMDB_LIST: there is no such setting, so it is not read; did you mean IMDB_LISTS?",
        "ok   note: SYNC_INTERVALS: there is no such setting, so it is not read; did you mean SYNC_INTERVAL?",
    ]


def test_a_key_beside_the_encrypted_settings_is_told(cli, home, monkeypatch):
    (home / "data").mkdir()
    monkeypatch.setattr("sys.stdin", io.StringIO("abc"))
    assert cli("config", "set", "TMDB_KEY").code == 0
    words = "the key of data/config.enc lies beside it in data/.config_key"

    assert words in cli("check", "--offline").out


def test_every_list_is_shown_as_what_it_was_read_as(cli, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "https://www.imdb.com/chart/top/?ref_=x,y,ls123456")
    monkeypatch.setenv("FILE_LISTS", "https://me:secret@host/list.json?ids=1,2&key=hidden")

    lines = cli("check", "--offline").lines

    assert 'ok   imdb:top, written "https://www.imdb.com/chart/top/?ref_=***" in IMDB_LISTS' in lines
    assert 'ok   imdb:ls123456, written "ls123456" in IMDB_LISTS' in lines
    address = "https://***@host/list.json?ids=***&key=***"
    assert f'ok   file:{address}, written "{address}" in FILE_LISTS' in lines


def test_a_list_of_the_file_is_told_with_the_file(cli, home, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://host:5055")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")
    (home / "config").mkdir()
    (home / "config" / "lists.yaml").write_text("lists: [imdb:top]")

    assert 'ok   imdb:top, written "imdb:top" in lists.yaml' in cli("check", "--offline").lines


def test_check_says_for_which_titles_the_free_space_is_not_known(cli, home, monkeypatch):
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "lists.yaml").write_text("pause_when: {free_space: 200 GB}\nlists: [{source: 'imdb:top'}]\n")
    monkeypatch.setenv("RADARR_URL", "http://127.0.0.1:7878")
    monkeypatch.setenv("RADARR_API_KEY", "a" * 32)

    notes = [line for line in cli("check", "--offline").lines if "free_space" in line]

    assert notes == [
        (
            "ok   note: pause_when.free_space has no effect on shows, because Sonarr is not known: set SONARR_URL and "
            "SONARR_API_KEY"
        )
    ]
