"""`svcfx voices list`."""

import json
import subprocess
import sys


def test_singers_are_listed_with_range_licence_and_hash(svcfx, synthetic_voice):
    result = svcfx("voices", "list")
    assert result.exit_code == 0, result.output
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["NAME", "NOTES", "RANGE", "LICENCE", "SHA256", "ABOUT"]
    row = next(row for row in rows if row.startswith(synthetic_voice))
    assert "D#2 to G5" in row
    assert "80 to 800 Hz" in row


def test_listing_voices_loads_no_torch():
    code = "import sys; from svcfx.cli.main import main; main(['voices', 'list'], standalone_mode=False);"
    done = subprocess.run([sys.executable, "-c", f"{code} sys.exit('torch' in sys.modules)"], check=False)
    assert done.returncode == 0


def test_json_is_one_object_a_singer(svcfx, synthetic_voice):
    facts = [json.loads(line) for line in svcfx("voices", "list", "--json").stdout.splitlines()]
    mine = next(fact for fact in facts if fact["name"] == synthetic_voice)
    assert (mine["low_hz"], mine["high_hz"], len(mine["sha256"])) == (80.0, 800.0, 64)


def test_a_table_shows_the_licence_s_name_and_the_card_all_of_it(svcfx, synthetic_voice):
    from svcfx.voices import shelf

    for row in svcfx("voices", "list").stdout.splitlines():
        assert len(row) < 160
    for name in shelf.names():
        shown = svcfx("voices", "show", name).stdout
        assert f"licence: {shelf.find(name).licence}" in shown
        assert f"sha256:  {shelf.find(name).sha256}" in shown


def test_an_unknown_singer_is_refused(refused, synthetic_voice):
    assert "(did you mean 'tess'?)" in refused("voices", "show", "tes")
