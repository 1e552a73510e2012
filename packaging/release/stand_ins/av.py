"""In the place of PyAV, and so of FFmpeg: faster-whisper imports it to decode files, and is only ever given samples."""
