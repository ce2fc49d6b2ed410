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
# Tokens, at each of which a preset's models are compared.
PLAN = [("base", 256), ("base", 1024), ("small", 4096)]

# model_type -> how to make it: changes to the family's own defaults for a shape and an
# input length, and what an input is.
FAMILIES = {}


def one_each(tokens):
    return tokens


def frames(tokens):
    """Samples of 16 kHz audio that become so many frames."""
    return 400 + 320 * (tokens - 1)


def patches_of(size):
    """Side of a square image of so many patches."""
    return lambda tokens: size * round(tokens ** 0.5)


def family(name, attentions=("eager",), length=one_each, input_name="input_ids", decoder=False):
    def register(function):
        FAMILIES[name] = dict(shape=function, attentions=attentions, length=length,
                              input_name=input_name, decoder=decoder)
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


@family("mamba2")
def _mamba2(shape, length):
    # A block has about half the parameters of a Transformer's layer.
    return dict(vocab_size=30522, hidden_size=shape["hidden_size"],
                num_hidden_layers=2 * shape["num_hidden_layers"], expand=2, head_dim=64,
                num_heads=2 * shape["hidden_size"] // 64, n_groups=1)


def t5(shape, length):
    heads = shape["num_attention_heads"]
    return dict(vocab_size=30522, d_model=shape["hidden_size"], d_kv=shape["hidden_size"] // heads,
                d_ff=shape["intermediate_size"], num_layers=shape["num_hidden_layers"],
                num_heads=heads, dropout_rate=0.0)


@family("t5", attentions=("eager", "sdpa"), decoder=True)
def _t5(shape, length):
    return t5(shape, length)


@family("switch_transformers", decoder=True)
def _switch_transformers(shape, length):
    return {**t5(shape, length), "num_experts": 8, "router_jitter_noise": 0.0}


@family("funnel")
def _funnel(shape, length):
    layers = shape["num_hidden_layers"] // 3 or 1
    return dict(vocab_size=30522, block_sizes=[layers, layers, layers],
                block_repeats=[1, 1, 1], num_decoder_layers=2,
                d_model=shape["hidden_size"], n_head=shape["num_attention_heads"],
                d_head=shape["hidden_size"] // shape["num_attention_heads"],
                d_inner=shape["intermediate_size"], architectures=["FunnelModel"],
                hidden_dropout=0.0, attention_dropout=0.0,
                activation_dropout=0.0)


@family("reformer")
def _reformer(shape, length):
    side = 2 ** (length.bit_length() // 2)
    heads = shape["num_attention_heads"]
    return dict(vocab_size=30522, hidden_size=shape["hidden_size"],
                attn_layers=["local", "lsh"] * (shape["num_hidden_layers"] // 2),
                num_attention_heads=heads, attention_head_size=shape["hidden_size"] // heads,
                feed_forward_size=shape["intermediate_size"], max_position_embeddings=length,
                axial_pos_shape=[side, length // side],
                axial_pos_embds_dim=[shape["hidden_size"] // 4, 3 * shape["hidden_size"] // 4],
                hidden_dropout_prob=0.0, local_attention_probs_dropout_prob=0.0,
                lsh_attention_probs_dropout_prob=0.0, hash_seed=1, is_decoder=False)


@family("vit", attentions=("eager", "sdpa"), length=patches_of(16), input_name="pixel_values")
def _vit(shape, length):
    return {**shape, "image_size": length, "patch_size": 16, "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0}


def swin(shape, length):
    small = shape["num_hidden_layers"] < 12
    return dict(image_size=length, embed_dim=48 if small else 96,
                depths=[2, 2] if small else [2, 2, 6, 2],
                num_heads=[2, 4] if small else [3, 6, 12, 24], drop_path_rate=0.0)


def sides(smallest):
    """Images whose last stage still holds a window: of four stages at least `smallest` pixels,
    and twice that; of two, 4,096 patches of 4 pixels."""
    return lambda tokens: {256: smallest, 1024: 2 * smallest}.get(tokens, 256)


@family("swin", length=sides(224), input_name="pixel_values")
def _swin(shape, length):
    return {**swin(shape, length), "window_size": 7}


@family("swinv2", length=sides(256), input_name="pixel_values")
def _swinv2(shape, length):
    return {**swin(shape, length), "window_size": 8}


@family("hubert", attentions=("eager", "sdpa"), length=frames, input_name="input_values")
def _hubert(shape, length):
    return {**shape, "hidden_dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0,
            "feat_proj_dropout": 0.0, "layerdrop": 0.0, "mask_time_prob": 0.0,
            "apply_spec_augment": False}


class Theirs:
    """A transformers model, timed as the runner times ours."""

    def __init__(self, cell):
        import torch
        import transformers
        self.torch = torch
        made = FAMILIES[cell["model"]]
        self.length = made["length"](cell["length"])
        training = cell["mode"] == "training"
        config = transformers.AutoConfig.for_model(
            cell["model"], **made["shape"](SHAPES[cell["preset"]], self.length))
        self.config_json = config.to_json_string(use_diff=False)
        config._attn_implementation = cell["attention"]
        torch.manual_seed(1)
        self.model = transformers.AutoModel.from_config(config,
                                                        attn_implementation=cell["attention"])
        self.model.train(training)
        self.inputs = self._draw(made, config)
        self.optimizer = torch.optim.AdamW(self.model.parameters()) if training else None

    def _draw(self, made, config):
        name = made["input_name"]
        if name == "pixel_values":
            return {name: self.torch.randn(1, 3, self.length, self.length)}
        if name == "input_values":
            return {name: self.torch.randn(1, self.length)}
        inputs = {name: self.torch.randint(5, config.vocab_size, (1, self.length))}
        if made["decoder"]:
            inputs["decoder_input_ids"] = self.torch.randint(5, config.vocab_size,
                                                             (1, self.length))
        return inputs

    def seconds(self, calls):
        start = time.perf_counter()
        for _ in range(calls):
            self._step()
        return (time.perf_counter() - start) / calls

    def _step(self):
        if self.optimizer is None:
            with self.torch.inference_mode():
                self.model(**self.inputs)
            return
        loss = self.model(**self.inputs).last_hidden_state.square().mean()
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
    theirs = Theirs(cell)
    runner.build(1, theirs.config_json, cell["attention"], cell["mode"])
    try:
        sides = {"ours": lambda calls: runner.seconds(1, theirs.length, calls),
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
    return {"input": theirs.length, "ours_ms": 1e3 * median(times["ours"]), "theirs_ms": 1e3 * median(times["theirs"]),
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
                        help="tokens (patches, frames), of 256, 1024, 4096; default: all")
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
