"""Pipecat as a local pipeline: its own turn-taking, the same Whisper and Piper models, a language model that answers at
once. Runs in an environment of its own, with nothing of Stonechat.

`python voice_peer_child.py WHISPER_FOLDER PIPER_FOLDER PIPER_VOICE ANSWER WAV...` prints the seconds from the end of
each sound to the first sound of the answer, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import wave
from pathlib import Path

from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.whisper.stt import WhisperSTTService

RATE = 16_000
STEP_S = 0.02
QUIET_S = 3.0
LONGEST_S = 15.0


class AnswersAtOnce(FrameProcessor):
    def __init__(self, answer: str) -> None:
        super().__init__()
        self._answer = answer

    async def process_frame(self, frame, direction) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(self._answer))
        await self.push_frame(LLMFullResponseEndFrame())


class Loudspeaker(FrameProcessor):
    """Notes when the first sound of an answer comes."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()
        self.at = 0.0

    async def process_frame(self, frame, direction) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame) and not self.first.is_set():
            self.at = time.monotonic()
            self.first.set()
        await self.push_frame(frame, direction)


class Room:
    """A microphone in real time: silence, and what is spoken into it."""

    def __init__(self, task: PipelineTask) -> None:
        self._task = task
        self._waiting = bytearray()
        self.over = False

    def speak(self, pcm: bytes) -> None:
        self._waiting += pcm

    @property
    def idle(self) -> bool:
        return not self._waiting

    async def run(self) -> None:
        size, due = round(2 * RATE * STEP_S), time.monotonic()
        while not self.over:
            block, self._waiting = bytes(self._waiting[:size]), self._waiting[size:]
            frame = InputAudioRawFrame(audio=block.ljust(size, b"\0"), sample_rate=RATE, num_channels=1)
            await self._task.queue_frame(frame)
            due += STEP_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def main() -> None:
    whisper, piper, voice, answer, *sounds = sys.argv[1:]
    loudspeaker = Loudspeaker()
    user, assistant = LLMContextAggregatorPair(
        LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    )
    stages = [
        WhisperSTTService(device="cpu", compute_type="int8", settings=WhisperSTTService.Settings(model=whisper)),
        user,
        AnswersAtOnce(answer),
        PiperTTSService(download_dir=Path(piper), settings=PiperTTSService.Settings(voice=voice)),
        loudspeaker,
        assistant,
    ]
    task = PipelineTask(Pipeline(stages), params=PipelineParams(audio_in_sample_rate=RATE), idle_timeout_secs=None)
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    room = Room(task)
    hearing = asyncio.create_task(room.run())
    await asyncio.sleep(QUIET_S)
    seconds = [await ask(room, loudspeaker, Path(sound)) for sound in sounds]
    room.over = True
    await hearing
    await task.cancel()
    await running
    sys.stdout.write("\n" + json.dumps([each for each in seconds if each is not None]) + "\n")


async def ask(room: Room, loudspeaker: Loudspeaker, sound: Path) -> float | None:
    loudspeaker.first.clear()
    with wave.open(str(sound)) as file:
        room.speak(file.readframes(file.getnframes()))
    while not room.idle:
        await asyncio.sleep(STEP_S / 2)
    ended = time.monotonic()
    try:
        await asyncio.wait_for(loudspeaker.first.wait(), LONGEST_S)
    except TimeoutError:
        return None
    await asyncio.sleep(QUIET_S)
    return loudspeaker.at - ended


if __name__ == "__main__":
    asyncio.run(main())
