"""Slow and obvious implementations of models that transformers does not have.

All but universal_transformer and transduction share BERT's skeleton and its tensor names,
and differ in how one head of one sample mixes its values, which is written here token by
token or with the whole matrix of weights, as the definition reads.
"""

import math

import torch

ACTIVATIONS = {"relu": torch.relu, "gelu": torch.nn.functional.gelu,
               "silu": torch.nn.functional.silu}


class Encoder:
    """BERT's skeleton. A subclass gives `own_tensors` and `head`."""

    projections = ("query", "key", "value")

    def __init__(self, config, seed):
        self.config = config
        self.generator = torch.Generator().manual_seed(seed)
        d, n = config["hidden_size"], config["max_position_embeddings"]
        self.tensors = {
            "embeddings.word_embeddings.weight": self.draw(config["vocab_size"], d),
            "embeddings.position_embeddings.weight": self.draw(n, d),
            "embeddings.token_type_embeddings.weight": self.draw(config["type_vocab_size"], d)}
        self.norm("embeddings.LayerNorm")
        for i in range(self.layers_with_tensors()):
            layer = f"encoder.layer.{i}"
            for part in self.projections:
                self.linear(f"{layer}.attention.self.{part}", d, d)
            self.own_tensors(f"{layer}.attention.self")
            self.linear(f"{layer}.attention.output.dense", d, d)
            self.norm(f"{layer}.attention.output.LayerNorm")
            self.linear(f"{layer}.intermediate.dense", d, config["intermediate_size"])
            self.linear(f"{layer}.output.dense", config["intermediate_size"], d)
            self.norm(f"{layer}.output.LayerNorm")

    def draw(self, *shape):
        return torch.randn(*shape, generator=self.generator) * self.config["initializer_range"]

    def layers_with_tensors(self):
        return self.config["num_hidden_layers"]

    def linear(self, name, size_in, size_out):
        self.tensors[f"{name}.weight"] = self.draw(size_out, size_in)
        self.tensors[f"{name}.bias"] = self.draw(size_out)

    def norm(self, name):
        self.tensors[f"{name}.weight"] = 1 + self.draw(self.config["hidden_size"])
        self.tensors[f"{name}.bias"] = self.draw(self.config["hidden_size"])

    def apply(self, name, x):
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def plainly_normed(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return centred / torch.sqrt((centred ** 2).mean(-1, keepdim=True)
                                    + self.config["layer_norm_eps"])

    def normed(self, name, x):
        return (self.plainly_normed(x) * self.tensors[f"{name}.weight"]
                + self.tensors[f"{name}.bias"])

    def own_tensors(self, prefix):
        pass

    def head(self, prefix, h, q, k, v, keep):
        """q, k, v [n, d_h] of head `h`, keep [n] of 0 and 1; gives [n, d_h]."""
        raise NotImplementedError

    def attention(self, prefix, x, keep):
        heads = self.config["num_attention_heads"]
        size = self.config["hidden_size"] // heads
        parts = {part: self.apply(f"{prefix}.{part}", x) for part in self.projections}
        out = torch.zeros_like(x)
        for b in range(x.shape[0]):
            for h in range(heads):
                cut = slice(h * size, (h + 1) * size)
                q, k, v = (parts[part][b, :, cut] if part in parts else None
                           for part in ("query", "key", "value"))
                out[b, :, cut] = self.head(prefix, h, q, k, v, keep[b])
        return out

    def layer(self, name, x, keep):
        attended = self.apply(f"{name}.attention.output.dense",
                              self.attention(f"{name}.attention.self", x, keep))
        x = self.normed(f"{name}.attention.output.LayerNorm", x + attended)
        inner = ACTIVATIONS[self.config["hidden_act"]](self.apply(f"{name}.intermediate.dense", x))
        return self.normed(f"{name}.output.LayerNorm", x + self.apply(f"{name}.output.dense", inner))

    def embedded(self, input_ids, token_type_ids):
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        return self.normed("embeddings.LayerNorm",
                           self.tensors["embeddings.word_embeddings.weight"][input_ids]
                           + self.tensors["embeddings.position_embeddings.weight"][
                               :input_ids.shape[1]]
                           + self.tensors["embeddings.token_type_embeddings.weight"][types])

    def layers(self, x, keep):
        for i in range(self.config["num_hidden_layers"]):
            x = self.layer(f"encoder.layer.{i}", x, keep)
        return x

    def __call__(self, input_ids, attention_mask=None, token_type_ids=None):
        keep = (torch.ones_like(input_ids) if attention_mask is None else attention_mask).float()
        return self.layers(self.embedded(input_ids, token_type_ids), keep)


def softmax_where(q, k, v, allowed):
    """Token i over the tokens j for which allowed(i, j)."""
    out = torch.zeros(q.shape[0], v.shape[1])
    for i in range(q.shape[0]):
        seen = [j for j in range(k.shape[0]) if allowed(i, j)]
        if seen:
            weights = torch.softmax(k[seen] @ q[i] / math.sqrt(q.shape[1]), 0)
            out[i] = weights @ v[seen]
    return out


class Linformer(Encoder):
    """K' = E^T (K keep), V' = F^T (V keep), softmax(Q K'^T / sqrt(d_h)) V'."""

    def own_tensors(self, prefix):
        n, k = self.config["max_position_embeddings"], self.config["linformer_k"]
        self.tensors[f"{prefix}.E"] = self.draw(n, k)
        self.tensors[f"{prefix}.F"] = self.draw(n, k)

    def head(self, prefix, h, q, k, v, keep):
        keys = self.tensors[f"{prefix}.E"][:len(q)].T @ (k * keep[:, None])
        values = self.tensors[f"{prefix}.F"][:len(q)].T @ (v * keep[:, None])
        return torch.softmax(q @ keys.T / math.sqrt(q.shape[1]), -1) @ values


class Local(Encoder):
    def head(self, prefix, h, q, k, v, keep):
        block = self.config["block_size"]
        return softmax_where(q, k, v, lambda i, j: i // block == j // block and keep[j])


class Performer(Encoder):
    """exp(W x' - |x'|^2 / 2 - c) + 1e-4; directions as they are in the file."""

    def own_tensors(self, prefix):
        heads = self.config["num_attention_heads"]
        self.tensors[f"{prefix}.features"] = torch.randn(
            self.config["num_features"], self.config["hidden_size"] // heads,
            generator=self.generator)

    def head(self, prefix, h, q, k, v, keep):
        w = self.tensors[f"{prefix}.features"]
        q, k = q * q.shape[1] ** -0.25, k * k.shape[1] ** -0.25
        largest = (k @ w.T).max()

        def phi(x, c):
            return (torch.exp(w @ x - x @ x / 2 - c) + 1e-4) / math.sqrt(len(w))

        keys = torch.stack([phi(x, largest) for x in k]) * keep[:, None]
        out = torch.zeros_like(v)
        for i, x in enumerate(q):
            weights = keys @ phi(x, (w @ x).max())
            out[i] = weights @ v / weights.sum()
        return out


class LinearTransformer(Encoder):
    def head(self, prefix, h, q, k, v, keep):
        def phi(x):
            return torch.nn.functional.elu(x) + 1
        weights = phi(q) @ phi(k).T * keep[None, :]
        if self.config.get("is_decoder", False):
            weights = torch.tril(weights)
        return weights @ v / (weights.sum(-1, keepdim=True) + 1e-6)


class Synthesizer(Encoder):
    def __init__(self, config, seed):
        self.projections = (("query", "value") if config["synthesizer"] == "dense"
                            else ("value",))
        super().__init__(config, seed)

    def own_tensors(self, prefix):
        heads, n = self.config["num_attention_heads"], self.config["max_position_embeddings"]
        if self.config["synthesizer"] == "dense":
            size = self.config["hidden_size"] // heads
            self.tensors[f"{prefix}.synthesizer_weight"] = self.draw(heads, n, size)
            self.tensors[f"{prefix}.synthesizer_bias"] = self.draw(heads, n)
        elif self.config["synthesizer"] == "random":
            self.tensors[f"{prefix}.random"] = self.draw(heads, n, n)
        else:
            rank = self.config["synthesizer_rank"]
            self.tensors[f"{prefix}.random_left"] = self.draw(heads, n, rank)
            self.tensors[f"{prefix}.random_right"] = self.draw(heads, n, rank)

    def head(self, prefix, h, q, k, v, keep):
        n, t = len(v), self.tensors
        if self.config["synthesizer"] == "dense":
            scores = (torch.relu(q) @ t[f"{prefix}.synthesizer_weight"][h, :n].T
                      + t[f"{prefix}.synthesizer_bias"][h, :n])
        elif self.config["synthesizer"] == "random":
            scores = t[f"{prefix}.random"][h, :n, :n]
        else:
            scores = (t[f"{prefix}.random_left"][h, :n]
                      @ t[f"{prefix}.random_right"][h, :n].T)
        return torch.softmax(scores.masked_fill(keep[None, :] == 0, -1e30), -1) @ v


class Plain(Encoder):
    def head(self, prefix, h, q, k, v, keep):
        return softmax_where(q, k, v, lambda i, j: keep[j])


class Lrt(Plain):
    def linear(self, name, size_in, size_out):
        rank = self.config["rank"]
        self.tensors[f"{name}.down.weight"] = self.draw(rank, size_in)
        self.tensors[f"{name}.up.weight"] = self.draw(size_out, rank)
        self.tensors[f"{name}.up.bias"] = self.draw(size_out)

    def apply(self, name, x):
        low = x @ self.tensors[f"{name}.down.weight"].T
        return low @ self.tensors[f"{name}.up.weight"].T + self.tensors[f"{name}.up.bias"]


class SparseTransformer(Encoder):
    def allowed(self, i, j):
        if j > i:
            return False
        if self.config["pattern"] == "fixed":
            l, c = self.config["block_size"], self.config["summary_size"]
            return i // l == j // l or j % l >= l - c
        l = self.config["stride"]
        return i - j < l or (i - j) % l == 0

    def head(self, prefix, h, q, k, v, keep):
        return softmax_where(q, k, v, lambda i, j: self.allowed(i, j) and keep[j])


class Sinkhorn(Encoder):
    def head(self, prefix, h, q, k, v, keep):
        n, block, size = len(q), self.config["block_size"], q.shape[1]
        padding = -n % block
        q, k, v, keep = (torch.cat([x, torch.zeros(padding, *x.shape[1:])])
                         for x in (q, k, v, keep))
        blocks = [slice(i, i + block) for i in range(0, n + padding, block)]

        def mean(x, b):
            return (x[b] * keep[b][:, None]).sum(0) / max(keep[b].sum().item(), 1)

        r = torch.stack([torch.stack([mean(q, a) @ mean(k, b) for b in blocks]) for a in blocks])
        r = r / math.sqrt(size) / self.config["temperature"]
        for _ in range(self.config["sinkhorn_iterations"]):
            r = r - torch.logsumexp(r, -1, keepdim=True)
            r = r - torch.logsumexp(r, -2, keepdim=True)
        r = torch.exp(r)
        out = torch.zeros_like(v)
        for i, a in enumerate(blocks):
            keys = sum(r[i, j] * k[b] * keep[b][:, None] for j, b in enumerate(blocks))
            values = sum(r[i, j] * v[b] * keep[b][:, None] for j, b in enumerate(blocks))
            own = (q[a] @ k[a].T / math.sqrt(size)).masked_fill(keep[a][None, :] == 0, -1e30)
            weights = torch.softmax(torch.cat([q[a] @ keys.T / math.sqrt(size), own], -1), -1)
            out[a] = weights @ torch.cat([values, v[a]])
        return out[:n]


class UniversalTransformer(Plain):
    """Layer 0 again and again; where each token stops (ACT), its state stays."""

    def layers_with_tensors(self):
        return 1

    def __init__(self, config, seed):
        super().__init__(config, seed)
        if config["act"]:
            self.linear("encoder.halting", config["hidden_size"], 1)

    def timing(self, n, step):
        """Position 1, 2, … and step 1, 2, …: eq. 6 and 7 of the paper."""
        d = self.config["hidden_size"]
        table = torch.zeros(n, d)
        for i in range(n):
            for j in range(d):
                wave = math.sin if j % 2 == 0 else math.cos
                rate = 10000 ** (2 * (j // 2) / d)
                table[i, j] = wave((i + 1) / rate) + wave(step / rate)
        return table

    def layers(self, x, keep):
        steps = self.config["num_hidden_layers"]
        if not self.config["act"]:
            for step in range(1, steps + 1):
                x = self.layer("encoder.layer.0", x + self.timing(x.shape[1], step), keep)
            return x
        halted = torch.zeros(x.shape[:2])
        out = torch.zeros_like(x)
        running = keep.clone()
        for step in range(1, steps + 1):
            if not running.any():
                break
            x = x + self.timing(x.shape[1], step)
            p = torch.sigmoid(self.apply("encoder.halting", x))[..., 0]
            last = running.bool() & ((halted + p > self.config["act_threshold"])
                                     | torch.tensor(step == steps))
            weight = torch.where(last, 1 - halted, p) * running
            halted = halted + weight
            x = self.layer("encoder.layer.0", x, keep)
            out = out + weight[..., None] * x
            running = running * (~last)
        return out


class Recurrent(Encoder):
    """S_t = diag(a_t) S_{t-1} + k_t^T v_t, o_t = q_t S_t / sqrt(d_h), normed per head, gated."""

    def own_tensors(self, prefix):
        self.linear(f"{prefix}.gate", self.config["hidden_size"], self.config["hidden_size"])

    def decay(self, prefix, h, x, size):
        """ln a_t [n, size] of the tokens x of one sample."""
        raise NotImplementedError

    def attention(self, prefix, x, keep):
        mixed = []
        for b in range(x.shape[0]):
            self.row = x[b]
            mixed.append(super().attention(prefix, x[b:b + 1], keep[b:b + 1]))
        gate = self.apply(f"{prefix}.gate", x)
        return torch.cat(mixed) * gate * torch.sigmoid(gate)

    def head(self, prefix, h, q, k, v, keep):
        a = torch.exp(self.decay(prefix, h, self.row, q.shape[1]))
        state = torch.zeros(q.shape[1], v.shape[1])
        out = torch.zeros_like(v)
        for t in range(len(q)):
            state = a[t][:, None] * state + keep[t] * torch.outer(k[t], v[t])
            out[t] = q[t] @ state / math.sqrt(q.shape[1])
        return self.plainly_normed(out)


class Retnet(Recurrent):
    """Head h forgets at the rate 1 - 2^(-5 - h); q and k are turned by their position."""

    def decay(self, prefix, h, x, size):
        return torch.full((len(x), size), math.log(1 - 2 ** (-5 - h)))

    def head(self, prefix, h, q, k, v, keep):
        return super().head(prefix, h, self.turned(q), self.turned(k), v, keep)

    def turned(self, x):
        """Features i and i + d_h / 2 of token t by t 10000^(-2 i / d_h)."""
        half = x.shape[1] // 2
        out = torch.zeros_like(x)
        for t in range(len(x)):
            for i in range(half):
                angle = t * 10000 ** (-i / half)
                a, b = x[t, i], x[t, i + half]
                out[t, i] = a * math.cos(angle) - b * math.sin(angle)
                out[t, i + half] = b * math.cos(angle) + a * math.sin(angle)
        return out


class Gla(Recurrent):
    def own_tensors(self, prefix):
        super().own_tensors(prefix)
        d, rank = self.config["hidden_size"], self.config["gate_rank"]
        self.tensors[f"{prefix}.alpha.down.weight"] = self.draw(rank, d)
        self.tensors[f"{prefix}.alpha.up.weight"] = self.draw(d, rank)
        self.tensors[f"{prefix}.alpha.up.bias"] = self.draw(d)

    def decay(self, prefix, h, x, size):
        low = x @ self.tensors[f"{prefix}.alpha.down.weight"].T
        up = low @ self.tensors[f"{prefix}.alpha.up.weight"].T
        alpha = torch.sigmoid(up + self.tensors[f"{prefix}.alpha.up.bias"]) ** (1 / 16)
        return torch.log(alpha)[:, h * size:(h + 1) * size]


class Memsizer(Encoder):
    """q: mean over heads of softmax(W_q x) over slots; sums of k_j v_j^T over sqrt(t)."""

    def linear(self, name, size_in, size_out):
        slots = self.config["slots"]
        if name.endswith("self.query"):
            size_out = slots * self.config["num_attention_heads"]
        elif name.endswith("self.key"):
            size_out = slots
        super().linear(name, size_in, size_out)

    def attention(self, prefix, x, keep):
        heads, slots = self.config["num_attention_heads"], self.config["slots"]
        q = self.apply(f"{prefix}.query", x).reshape(*x.shape[:2], heads, slots)
        q = torch.softmax(q, -1).mean(2)
        k = self.plainly_normed(self.apply(f"{prefix}.key", x)) * keep[..., None]
        v = self.plainly_normed(self.apply(f"{prefix}.value", x))
        out = torch.zeros_like(x)
        for b in range(x.shape[0]):
            for t in range(x.shape[1]):
                seen = slice(0, t + 1) if self.config.get("is_decoder", False) else slice(None)
                state = k[b, seen].T @ v[b, seen] / math.sqrt(max(keep[b, seen].sum(), 1))
                out[b, t] = q[b, t] @ state
        return out


class Transduction:
    """Encoder and decoder of Vaswani et al. with norms first, under T5's names."""

    def __init__(self, config, seed):
        self.config = config
        self.generator = torch.Generator().manual_seed(seed)
        d = config["d_model"]
        self.tensors = {"shared.weight": self.draw(config["vocab_size"], d)}
        for stack, layers, parts in (("encoder", config["num_layers"], ("SelfAttention",)),
                                     ("decoder", config["num_decoder_layers"],
                                      ("SelfAttention", "EncDecAttention"))):
            for i in range(layers):
                layer = f"{stack}.block.{i}.layer"
                for j, part in enumerate(parts):
                    inner = config["num_heads"] * config["d_kv"]
                    for name in "qkv":
                        self.linear(f"{layer}.{j}.{part}.{name}", d, inner)
                    self.linear(f"{layer}.{j}.{part}.o", inner, d)
                    self.norm(f"{layer}.{j}.layer_norm")
                last = f"{layer}.{len(parts)}"
                self.linear(f"{last}.DenseReluDense.wi", d, config["d_ff"])
                self.linear(f"{last}.DenseReluDense.wo", config["d_ff"], d)
                self.norm(f"{last}.layer_norm")
            self.norm(f"{stack}.final_layer_norm")

    def draw(self, *shape):
        return torch.randn(*shape, generator=self.generator) * 0.25

    def linear(self, name, size_in, size_out):
        self.tensors[f"{name}.weight"] = self.draw(size_out, size_in)
        self.tensors[f"{name}.bias"] = self.draw(size_out)

    def norm(self, name):
        self.tensors[f"{name}.weight"] = 1 + self.draw(self.config["d_model"])
        self.tensors[f"{name}.bias"] = self.draw(self.config["d_model"])

    def apply(self, name, x):
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def normed(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        deviation = torch.sqrt((centred ** 2).mean(-1, keepdim=True)
                               + self.config["layer_norm_epsilon"])
        return centred / deviation * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def embedded(self, ids):
        d = self.config["d_model"]
        x = self.tensors["shared.weight"][ids] * math.sqrt(d)
        for t in range(len(ids)):
            for j in range(d):
                angle = t / 10000 ** (j // 2 * 2 / d)
                x[t, j] += math.sin(angle) if j % 2 == 0 else math.cos(angle)
        return x

    def attention(self, name, x, y, allowed):
        """Of the tokens x over those of y, i over the j for which allowed(i, j)."""
        q, k, v = (self.apply(f"{name}.{part}", z) for part, z in zip("qkv", (x, y, y)))
        size = self.config["d_kv"]
        heads = [slice(h * size, (h + 1) * size) for h in range(self.config["num_heads"])]
        mixed = [softmax_where(q[:, cut], k[:, cut], v[:, cut], allowed) for cut in heads]
        return self.apply(f"{name}.o", torch.cat(mixed, -1))

    def feed_forward(self, layer, x):
        inner = self.apply(f"{layer}.DenseReluDense.wi", self.normed(f"{layer}.layer_norm", x))
        return self.apply(f"{layer}.DenseReluDense.wo",
                          ACTIVATIONS[self.config["dense_act_fn"]](inner))

    def encoder(self, ids, keep):
        x = self.embedded(ids)
        for i in range(self.config["num_layers"]):
            layer = f"encoder.block.{i}.layer"
            normed = self.normed(f"{layer}.0.layer_norm", x)
            x = x + self.attention(f"{layer}.0.SelfAttention", normed, normed,
                                   lambda _, j: keep[j])
            x = x + self.feed_forward(f"{layer}.1", x)
        return self.normed("encoder.final_layer_norm", x)

    def decoder(self, ids, keep, source, source_keep):
        x = self.embedded(ids)
        for i in range(self.config["num_decoder_layers"]):
            layer = f"decoder.block.{i}.layer"
            normed = self.normed(f"{layer}.0.layer_norm", x)
            x = x + self.attention(f"{layer}.0.SelfAttention", normed, normed,
                                   lambda i, j: j <= i and keep[j])
            x = x + self.attention(f"{layer}.1.EncDecAttention",
                                   self.normed(f"{layer}.1.layer_norm", x), source,
                                   lambda _, j: source_keep[j])
            x = x + self.feed_forward(f"{layer}.2", x)
        return self.normed("decoder.final_layer_norm", x)

    def __call__(self, input_ids, attention_mask=None, decoder_input_ids=None,
                 decoder_attention_mask=None):
        def mask_of(mask, ids):
            return torch.ones_like(ids) if mask is None else mask

        keep = mask_of(attention_mask, input_ids)
        rows = [self.encoder(ids, row) for ids, row in zip(input_ids, keep)]
        if decoder_input_ids is not None:
            target_keep = mask_of(decoder_attention_mask, decoder_input_ids)
            rows = [self.decoder(*row)
                    for row in zip(decoder_input_ids, target_keep, rows, keep)]
        return torch.stack(rows)
