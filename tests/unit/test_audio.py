"""Sound as a value: loudness, cutting, joining, resampling, and the ways in which samples are written."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.audio import (
    SILENCE_DB,
    Audio,
    Span,
    cut,
    decibels,
    joined,
    level,
    silence,
    widened,
)
from desktop_app.domain.resampling import Resampler
from desktop_app.domain.samples import SampleKind, from_mono_16_bit, mono_16_bit


def sine(rate: int, frequency: float = 440.0, seconds: float = 0.5, height: float = 10_000.0) -> bytes:
    turn = 2 * math.pi * frequency / rate
    return array("h", [round(height * math.sin(turn * i)) for i in range(round(rate * seconds))]).tobytes()


def test_loudness_is_measured_against_full_scale() -> None:
    assert decibels(array("h", [-32768] * 100).tobytes()) == pytest.approx(0.0)
    assert decibels(array("h", [3277] * 100).tobytes()) == pytest.approx(-20, abs=0.01)
    assert decibels(bytes(200)) == decibels(b"") == decibels(b"x") == SILENCE_DB


def test_the_meter_goes_from_nothing_to_full() -> None:
    assert level(bytes(200)) == 0.0
    assert level(array("h", [-32768] * 100).tobytes()) == 1.0
    assert level(array("h", [1036] * 100).tobytes()) == pytest.approx(0.5, abs=0.01)


def test_sounds_are_joined_with_a_pause() -> None:
    one = Audio(pcm=b"\1\0" * 10, rate=1000)
    assert joined([one, one], pause_ms=5).pcm == one.pcm + bytes(10) + one.pcm
    assert joined([]).samples == 0
    with pytest.raises(ValueError):
        joined([one, Audio(pcm=b"", rate=8000)])


def test_only_the_named_stretches_are_kept() -> None:
    audio = Audio(pcm=array("h", range(1000)).tobytes(), rate=1000)
    kept = cut(audio, [Span(start_ms=10, end_ms=12), Span(start_ms=998, end_ms=2000)])
    assert array("h", kept.pcm).tolist() == [10, 11, 998, 999]


def test_widened_stretches_stay_inside_and_merge_when_they_touch() -> None:
    spans = [Span(start_ms=100, end_ms=200), Span(start_ms=700, end_ms=800), Span(start_ms=5000, end_ms=5900)]
    assert widened(spans, by_ms=300, end_ms=6000) == (
        Span(start_ms=0, end_ms=1100),
        Span(start_ms=4700, end_ms=6000),
    )


@pytest.mark.parametrize(("source", "target"), [(48_000, 16_000), (44_100, 16_000), (8_000, 16_000), (22_050, 48_000)])
def test_resampling_keeps_a_tone_and_its_length(source: int, target: int) -> None:
    pcm, resampler = sine(source), Resampler(source, target)
    blocks = [resampler.feed(pcm[i : i + 1000]) for i in range(0, len(pcm), 1000)]
    got = array("h", b"".join(blocks) + resampler.flush())
    wanted = array("h", sine(target))
    assert len(got) == len(wanted)
    assert max(abs(a - b) for a, b in zip(got[100:-100], wanted[100:-100], strict=True)) <= 2


def test_resampling_removes_what_the_lower_rate_cannot_hold() -> None:
    resampler = Resampler(48_000, 16_000)
    assert decibels(resampler.feed(sine(48_000, frequency=11_000.0))[400:]) < -60


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    resampler = Resampler(16_000, 16_000)
    assert resampler.feed(b"\1\2\3\4") == b"\1\2\3\4"
    assert resampler.flush() == b""


def test_nothing_in_nothing_out() -> None:
    resampler = Resampler(48_000, 16_000)
    assert resampler.feed(b"") + resampler.flush() == b""
    assert silence(0.5, 8_000).seconds == 0.5
    assert silence(0.5, 8_000).samples == 4_000


@given(
    values=st.lists(st.integers(-32768, 32767), max_size=20),
    kind=st.sampled_from(["s16", "s24", "s32", "f32", "f64", "u8"]),
    channels=st.integers(1, 3),
)
def test_samples_survive_the_way_to_a_device_and_back(values: list[int], kind: SampleKind, channels: int) -> None:
    pcm = array("h", values).tobytes()
    back = array("h", mono_16_bit(from_mono_16_bit(pcm, kind, channels), kind, channels))
    lost = {"u8": 256, "f32": 1, "f64": 1}.get(kind, 0)
    assert len(back) == len(values)
    assert all(abs(a - b) <= lost for a, b in zip(back, values, strict=True))


def test_channels_are_averaged_and_odd_floats_become_full_scale() -> None:
    assert array("h", mono_16_bit(array("h", [100, 200, -100, 101]).tobytes(), "s16", 2)).tolist() == [150, 0]
    odd = array("f", [2.0, -2.0, math.inf, -math.inf]).tobytes()
    assert array("h", mono_16_bit(odd, "f32", 1)).tolist() == [32767, -32767, 32767, -32767]
    assert len(mono_16_bit(array("f", [math.nan]).tobytes(), "f32", 1)) == 2
