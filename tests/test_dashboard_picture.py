"""The picture of the dashboard is that of its record, and says what it is."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from scripts import dashboard
from scripts.dashboard_picture import picture

RECORD = {
    "title": "Dashboard of the stack Any",
    "seconds": 10,
    "alarms": [{"name": "EndpointServerErrors", "state": "ALARM"}],
    "caption": "a local run",
    "rows": [
        {
            "heading": "Any/Endpoint",
            "notes": ["no cost <is> shown"],
            "graphs": [
                {"title": "Time", "computed": False, "lines": [{"label": "p99", "points": [[0, 1], [10, 4000]]}]},
                {"title": "Use", "computed": False, "lines": [{"label": "CPU", "points": []}]},
                {"title": "Cost", "computed": True, "lines": []},
            ],
        }
    ],
}


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # ours


def test_the_picture_in_the_guide_is_drawn_from_the_record_beside_it() -> None:
    assert dashboard.PICTURE.read_text(encoding="utf-8") == dashboard.draw()


def test_the_record_says_that_it_is_of_a_run_of_the_demo() -> None:
    record = json.loads(dashboard.RECORD.read_text(encoding="utf-8"))
    assert record["caption"].startswith("Demo run of 20")
    assert record["caption"] in texts(dashboard.draw())
    assert all(line["points"] for line in record["rows"][0]["graphs"][0]["lines"])


def test_a_picture_shows_alarms_lines_and_what_has_no_data() -> None:
    shown = texts(picture(RECORD))
    assert {"EndpointServerErrors", "ALARM", "Time", "p99", "4k", "no cost <is> shown", "a local run"} <= set(shown)
    assert shown.count("no data in this run") == 1
    assert shown.count("computed by CloudWatch: not drawn") == 1
    assert picture(RECORD).count("<polyline") == 1


def test_the_highest_value_is_at_the_top_and_time_goes_to_the_right() -> None:
    (line,) = ET.fromstring(picture(RECORD)).iter("{http://www.w3.org/2000/svg}polyline")  # ours
    (x0, y0), (x1, y1) = (tuple(map(float, point.split(","))) for point in line.attrib["points"].split())
    assert x0 < x1
    assert y0 > y1
