"""What the start of the gateway does to a site's folder, beside what the end-to-end tests see."""

from __future__ import annotations

from pathlib import Path

from gateway.app import _empty


def test_spilled_plain_text_is_removed_whatever_its_shape(tmp_path: Path) -> None:
    """What a killed process left; the folder itself stays, and so does what a link in it names."""
    spill, elsewhere = tmp_path / ".spill", tmp_path / "elsewhere"
    (spill / "snapshot").mkdir(parents=True)
    (spill / "snapshot" / "rows.tmp").write_text("a row")
    (spill / "rows.tmp").write_text("a row")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (spill / "link").symlink_to(elsewhere)
    _empty(spill)
    assert spill.is_dir() and list(spill.iterdir()) == []
    assert (elsewhere / "kept").exists()
    _empty(tmp_path / "absent")
