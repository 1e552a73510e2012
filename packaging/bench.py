"""Speed, as ratios measured side by side in one run: our model child against llama-cpp-python in this process.

Prints a table and writes build/bench.json. Numbers of different runs or machines are not to be compared.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

RUNS = 20
TOKENS = 48
WORDS = "List five things that a person can do on a rainy day, each in one short sentence."


def main() -> None:
    import llama_cpp

    from desktop_app.domain.chat_templates import chatml
    from desktop_app.domain.generation import GenerationEnded, ModelRequest, Sampling, TextDelta
    from desktop_app.domain.messages import said
    from desktop_app.engines.host import EngineHost
    from desktop_app.engines.hosted import HostedLanguageModel
    from desktop_app.paths import places
    from desktop_app.ports import CancelToken

    path = str(next((places().models / "smollm2-135m").glob("*.gguf")))
    raw = llama_cpp.Llama(path, n_ctx=2048, n_threads=2, n_threads_batch=2, verbose=False)
    options = {"model_path": path, "context_tokens": 2048, "threads": 2}
    ours = HostedLanguageModel(EngineHost("language model", "desktop_app.engines.llama:LlamaModel", options))
    ours.load()

    def ask_raw(number: int) -> tuple[float, float]:
        prompt = chatml([("user", f"{number}. {WORDS}")])
        started = time.perf_counter()
        first, count = 0.0, 0
        for _ in raw.create_completion(prompt, max_tokens=TOKENS, temperature=0, stream=True):
            count += 1
            first = first or time.perf_counter()
        return (first - started) * 1000, (count - 1) / (time.perf_counter() - first)

    def ask_ours(number: int) -> tuple[float, float]:
        request = ModelRequest(
            messages=(said("user", f"{number}. {WORDS}"),), sampling=Sampling(temperature=0, max_tokens=TOKENS)
        )
        started = time.perf_counter()
        first, count = 0.0, 0
        for event in ours.stream(request, CancelToken()):
            if isinstance(event, TextDelta):
                first = first or time.perf_counter()
            if isinstance(event, GenerationEnded):
                count = event.tokens
        return (first - started) * 1000, (count - 1) / (time.perf_counter() - first)

    pairs = []
    for number in range(RUNS):
        both = {}
        for name, ask in (("raw", ask_raw), ("ours", ask_ours))[:: 1 if number % 2 else -1]:
            both[name] = ask(number)
        pairs.append(both)
    ours.close()
    result = {
        "runs": RUNS,
        "first_token_ms": {name: statistics.median(pair[name][0] for pair in pairs) for name in ("raw", "ours")},
        "first_token_later_ms": statistics.median(pair["ours"][0] - pair["raw"][0] for pair in pairs),
        "tokens_per_second": {name: statistics.median(pair[name][1] for pair in pairs) for name in ("raw", "ours")},
        "tokens_per_second_ratio": statistics.median(pair["ours"][1] / pair["raw"][1] for pair in pairs),
    }
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    print(
        f"first token   raw {result['first_token_ms']['raw']:.0f} ms   ours {result['first_token_ms']['ours']:.0f} ms"
    )
    print(f"              later by {result['first_token_later_ms']:.1f} ms (median of {RUNS} pairs)")
    print(f"tokens/s      ratio {result['tokens_per_second_ratio']:.3f}")


if __name__ == "__main__":
    main()
