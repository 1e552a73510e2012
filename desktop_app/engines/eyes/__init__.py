"""Eyes for the tests: a small projector trained from nothing on drawn pictures, so that llama.cpp's picture path gives
answers that can be checked. It knows the world of `world.py` and nothing else; no person is ever offered it.

`world.py` says what there is, `scenes.py` draws it, `encoder.py` and `training.py` learn it, `export.py` writes the
file for a language model, `evaluation.py` asks that model. torch is imported inside, and needed for training only.
"""
