import json
from pathlib import Path

from bundle.toy import METADATA, make_bundle
from cli.process import bundlert

from bundlert.cli.sarif import rule_of, to_sarif
from bundlert.errors import BundleError, ConfigError, Mark

LEVELS = {"none", "note", "warning", "error"}


def check_log(log):
    """What SARIF 2.1.0 requires of the parts that are used here."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "bundlert"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        assert ids[result["ruleIndex"]] == result["ruleId"]
        for location in result.get("locations", []):
            place = location["physicalLocation"]
            assert place["region"]["startLine"] >= 1
            assert place["region"]["startColumn"] >= 1
            uri = place["artifactLocation"]["uri"]
            assert ":" not in uri
            assert not uri.startswith("/")
    return run["results"]


def test_mistakes_and_warnings_are_results(tmp_path):
    about = {key: value for key, value in METADATA.items() if key != "authors"}
    text = "a: '@x'\nb: {_target_: UNett}\nunused: 1\nrun: ['@a', '@b']\n"
    make_bundle(tmp_path / "a toy", metadata=about, train=text)
    done = bundlert("check", "a toy", "--sarif", cwd=tmp_path)
    results = check_log(json.loads(done.stdout))
    assert (done.returncode, done.stderr) == (2, "")
    assert [(one["ruleId"], one["level"]) for one in results] == [
        *[
            ("missing-reference", "error"),
            ("unknown-target", "error"),
            ("metadata", "error"),
            ("unused-key", "warning"),
        ],
    ]
    (place,) = results[0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20toy/configs/train.yaml"
    assert place["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 4}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "a", "kind": "member"}]


def test_no_mistakes_are_an_empty_log(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("check", "toy", "--sarif", cwd=tmp_path)
    assert (done.returncode, check_log(json.loads(done.stdout))) == (0, [])


def test_a_file_below_here_is_told_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    problem = ConfigError("no", at=Mark(str(tmp_path / "c.yaml"), 2, 3), got="1", hint="go", rule="unused-key")
    (result,) = check_log(to_sarif([], [problem]))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "c.yaml"
    assert result["message"]["text"] == "no\ngot: 1\ntry: go"
    elsewhere = to_sarif([ConfigError("no", at=Mark("/x/c.yaml", 1, 1))], [])["runs"][0]["results"][0]
    assert elsewhere["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == Path("/x/c.yaml").as_uri()


def test_a_mistake_on_the_command_line_has_no_place():
    (result,) = check_log(to_sarif([ConfigError("no", at=Mark("override 'a=1'"))], []))
    assert "locations" not in result


def test_a_mistake_without_a_rule_has_the_name_of_its_class():
    assert rule_of(BundleError("no")) == "bundle-error"
