#!/usr/bin/env python3
"""Times each model beside its counterpart in Hugging Face transformers.

Both run in one process each, in turn: a round times the two in random order
and takes the ratio (ours / theirs) within itself. A row is the median ratio
over the rounds with a bootstrap interval of 95 %; up to 1.0 ours takes no
longer. Both get the same configuration, batch 1, random weights; theirs is a
fresh model for every length, because some change for good at a length
(BigBird). Each finished row is appended to --out, and a row that is there is
not measured again, so a run can be stopped and resumed.

    ./dev bench models --models bert,longformer --lengths 256,1024 --threads 1
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]

SHAPES = {
    "tiny": dict(num_hidden_layers=2, hidden_size=64, num_attention_heads=2, intermediate_size=256),
    "small": dict(num_hidden_layers=4, hidden_size=256, num_attention_heads=4,
                  intermediate_size=1024),
    "base": dict(num_hidden_layers=12, hidden_size=768, num_attention_heads=12,
                 intermediate_size=3072),
}
# What the issue of speed is about: base at 256 and 1,024 tokens, small at 4,096.
PLAN = [("base", 256), ("base", 1024), ("small", 4096)]

# model_type -> function (shape, length) -> changes to the family's own defaults.
FAMILIES = {}


def family(name, attentions=("eager",), training=True):
    def register(function):
        FAMILIES[name] = dict(shape=function, attentions=attentions, training=training)
        return function
    return register


def positions(shape, length, extra=0, **changes):
    return {**shape, "vocab_size": 30522, "max_position_embeddings": length + extra,
            "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, **changes}


@family("bert", attentions=("eager", "sdpa"))
def _bert(shape, length):
    return positions(shape, length)


@family("longformer")
def _longformer(shape, length):
    return positions(shape, length, extra=2, attention_window=512, pad_token_id=1)


@family("nystromformer")
def _nystromformer(shape, length):
    return positions(shape, length, segment_means_seq_len=length, num_landmarks=64)


@family("roberta", attentions=("eager", "sdpa"))
def _roberta(shape, length):
    return positions(shape, length, extra=2, pad_token_id=1)


@family("distilbert", attentions=("eager", "sdpa"))
def _distilbert(shape, length):
    return dict(vocab_size=30522, n_layers=shape["num_hidden_layers"], dim=shape["hidden_size"],
                n_heads=shape["num_attention_heads"], hidden_dim=shape["intermediate_size"],
                max_position_embeddings=length, dropout=0.0, attention_dropout=0.0)


@family("albert", attentions=("eager", "sdpa"))
def _albert(shape, length):
    return positions(shape, length, embedding_size=128)


@family("fnet")
def _fnet(shape, length):
    changes = positions(shape, length)
    del changes["attention_probs_dropout_prob"], changes["num_attention_heads"]
    return changes


@family("modernbert", attentions=("eager", "sdpa"))
def _modernbert(shape, length):
    return {**shape, "vocab_size": 30522, "max_position_embeddings": length,
            "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1,
            "sep_token_id": 2}


@family("big_bird")
def _big_bird(shape, length):
    return positions(shape, length, attention_type="block_sparse")


@family("llama", attentions=("eager", "sdpa"))
def _llama(shape, length):
    return {**shape, "vocab_size": 30522, "max_position_embeddings": length}


@family("mistral", attentions=("eager", "sdpa"))
def _mistral(shape, length):
    return {**shape, "vocab_size": 30522, "max_position_embeddings": length,
            "num_key_value_heads": shape["num_attention_heads"], "sliding_window": 512}


class Theirs:
    """A transformers model, timed as the runner times ours."""

    def __init__(self, model_type, changes, attention, training, length):
        import torch
        import transformers
        self.torch = torch
        config = transformers.AutoConfig.for_model(model_type, **changes)
        self.config_json = config.to_json_string(use_diff=False)
        config._attn_implementation = attention
        torch.manual_seed(1)
        self.model = transformers.AutoModel.from_config(config, attn_implementation=attention)
        self.model.train(training)
        self.ids = torch.randint(5, config.vocab_size, (1, length))
        self.optimizer = torch.optim.AdamW(self.model.parameters()) if training else None

    def seconds(self, calls):
        start = time.perf_counter()
        for _ in range(calls):
            self._step()
        return (time.perf_counter() - start) / calls

    def _step(self):
        if self.optimizer is None:
            with self.torch.inference_mode():
                self.model(input_ids=self.ids)
            return
        loss = self.model(input_ids=self.ids).last_hidden_state.square().mean()
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


def calls_for(seconds, wanted=0.02):
    return max(1, round(wanted / max(seconds, 1e-6)))


def bootstrap(ratios, seed=1, resamples=2000):
    draw = random.Random(seed)
    medians = sorted(median(draw.choices(ratios, k=len(ratios))) for _ in range(resamples))
    return medians[int(0.025 * resamples)], medians[int(0.975 * resamples)]


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def measure(cell, runner, rounds):
    """One row, or the reason why there is none."""
    changes = FAMILIES[cell["model"]]["shape"](SHAPES[cell["preset"]], cell["length"])
    training = cell["mode"] == "training"
    theirs = Theirs(cell["model"], changes, cell["attention"], training, cell["length"])
    runner.build(1, theirs.config_json, cell["attention"], cell["mode"])
    try:
        sides = {"ours": lambda calls: runner.seconds(1, cell["length"], calls),
                 "theirs": theirs.seconds}
        calls = {}
        for name, run in sides.items():  # the first is warm-up
            run(1)
            calls[name] = calls_for(run(1))
        times = {name: [] for name in sides}
        order = random.Random(1)
        for _ in range(rounds):
            for name in order.sample(sorted(sides), k=2):
                times[name].append(sides[name](calls[name]))
    finally:
        runner.drop(1)
    ratios = [a / b for a, b in zip(times["ours"], times["theirs"])]
    low, high = bootstrap(ratios)
    return {"ours_ms": 1e3 * median(times["ours"]), "theirs_ms": 1e3 * median(times["theirs"]),
            "ratio": median(ratios), "low": low, "high": high, "rounds": rounds}


def cells(args):
    for model, (preset, length), mode, threads in itertools.product(
            args.models, PLAN, args.modes, args.threads):
        if args.lengths and length not in args.lengths:
            continue
        if mode == "training" and length > 1024:
            continue
        for attention in FAMILIES[model]["attentions"]:
            yield {"model": model, "preset": preset, "length": length, "mode": mode,
                   "threads": threads, "attention": attention}


def done_rows(path):
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def key(row):
    return tuple(row[name] for name in ("model", "preset", "length", "mode", "threads",
                                        "attention"))


def show(row):
    name = f"{row['model']} {row['attention']} {row['preset']} n={row['length']} {row['mode']} " \
           f"threads={row['threads']}"
    if "error" in row:
        return f"{name:62} {row['error']}"
    verdict = "" if row["low"] <= 1.0 else "  slower"
    return f"{name:62} {row['ours_ms']:9.2f} {row['theirs_ms']:9.2f} ms   " \
           f"{row['ratio']:.3f} ({row['low']:.3f} to {row['high']:.3f}){verdict}"


def names(text):
    return [part for part in text.split(",") if part]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=names, default=sorted(FAMILIES),
                        help="comma-separated; default: all that are built and have a counterpart")
    parser.add_argument("--lengths", type=lambda text: [int(n) for n in names(text)],
                        help="of 256, 1024, 4096; default: all")
    parser.add_argument("--modes", type=names, default=["inference", "training"])
    parser.add_argument("--threads", type=lambda text: [int(n) for n in names(text)],
                        default=[1, 2])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--runner", type=pathlib.Path, default=PROJECT / "build/bin/cusp-runner")
    parser.add_argument("--out", type=pathlib.Path, default=PROJECT / "build/models_bench.jsonl",
                        help="rows as JSON lines; what is there is not measured again")
    args = parser.parse_args()
    unknown = [model for model in args.models if model not in FAMILIES]
    if unknown:
        parser.error(f"no counterpart of {', '.join(unknown)}; known: {', '.join(sorted(FAMILIES))}")
    return args


def main():
    args = parse()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    import transformers
    from runner_client import Runner, RunnerError, load_messages
    messages = load_messages()
    print(f"transformers {transformers.__version__}, torch {torch.__version__}, "
          f"{os.cpu_count()} CPUs; ours, theirs, ratio of medians (95 %)", flush=True)
    rows = done_rows(args.out)
    done = {key(row) for row in rows}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for cell in cells(args):
        if key(cell) in done:
            continue
        torch.set_num_threads(cell["threads"])
        with Runner(args.runner, messages, cell["threads"]) as runner:
            try:
                row = {**cell, **measure(cell, runner, args.rounds)}
            except (RunnerError, RuntimeError, ValueError) as error:
                row = {**cell, "error": str(error).splitlines()[0]}
        if "error" not in row:
            with args.out.open("a") as out:
                out.write(json.dumps(row) + "\n")
        rows.append(row)
        print(show(row), flush=True)
    slower = [row for row in rows if row.get("low", 0) > 1.0]
    print(f"{len(rows)} rows, {len(slower)} slower than transformers beyond doubt")
    return 1 if any("error" in row for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
