#!/usr/bin/env python3
"""Writes parity cases: tiny models with random weights, and their outputs.

Each case is a folder with config.json, model.safetensors, inputs.safetensors
and outputs.safetensors (last_hidden_state, float32). The reference is
Hugging Face transformers 5.17.0 on torch 2.11.0, attention "eager", eval mode,
CPU; for models that transformers does not have, the slow and obvious
implementations of references.py. Biases and norms are perturbed, since with their initial
values half of all mistakes would not show.

    python3 -m venv /tmp/reference && . /tmp/reference/bin/activate
    pip install torch==2.11.0 transformers==5.17.0 safetensors numpy
    tests/data/parity/generate.py --out tests/data/parity

The folders named in GIVEN came first and are kept as they are.
"""

import argparse
import json
import pathlib
import tempfile

import references
import torch
from safetensors.torch import load_file, save_file

GIVEN = ("albert", "bert", "bert_gelu_new", "big_bird", "big_bird_full", "distilbert", "fnet",
         "funnel", "hubert", "hubert_stable", "l_hubert", "linear_transformer", "linformer",
         "llama", "local", "longformer", "longformer_global", "lrt", "mamba2", "mistral",
         "modernbert", "nystromformer", "nystromformer_softmax", "performer", "reformer_local",
         "reformer_lsh", "roberta", "sinkhorn", "sparse_transformer_fixed",
         "sparse_transformer_strided", "swin", "swinv2", "swinv2_pad", "switch",
         "synthesizer_dense", "synthesizer_factorized", "t5", "vit")

SHAPE = dict(vocab_size=61, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
             intermediate_size=40, initializer_range=0.25, hidden_dropout_prob=0.0,
             attention_probs_dropout_prob=0.0, max_position_embeddings=96)

DECODER = dict(vocab_size=61, hidden_size=24, num_hidden_layers=2, intermediate_size=40,
               initializer_range=0.25, max_position_embeddings=256)

T5 = dict(vocab_size=61, d_model=24, d_kv=6, d_ff=40, num_layers=2, num_heads=3, dropout_rate=0.0)

MODERNBERT = dict(**DECODER, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1,
                  sep_token_id=2)

# Rotary positions stretched in every way, most for inputs beyond the context of pretraining.
ROPES = {
    "linear": dict(factor=2.5),
    "dynamic": dict(factor=3.0),
    "yarn": dict(factor=4.0, original_max_position_embeddings=32),
    "yarn_scales": dict(rope_type="yarn", factor=None, original_max_position_embeddings=24,
                        mscale=0.7, mscale_all_dim=1.2, beta_fast=6, beta_slow=0.5,
                        truncate=False),
    "longrope": dict(original_max_position_embeddings=20,
                     short_factor=[1.0, 1.1, 1.3, 1.7], long_factor=[1.2, 2.0, 3.5, 6.0]),
    "longrope_short": dict(rope_type="longrope", original_max_position_embeddings=60, factor=9.0,
                           short_factor=[1.0, 1.1, 1.3, 1.7], long_factor=[1.2, 2.0, 3.5, 6.0]),
    "llama3": dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=48),
    "proportional": dict(factor=1.5, partial_rotary_factor=0.6),
}

REFORMER = dict(vocab_size=61, hidden_size=24, num_attention_heads=3, attention_head_size=10,
                feed_forward_size=40, initializer_range=0.25, hidden_dropout_prob=0.0,
                local_attention_probs_dropout_prob=0.0, max_position_embeddings=96,
                axial_pos_embds_dim=[10, 14], axial_pos_shape=[8, 12], axial_norm_std=0.5)

FUNNEL = dict(vocab_size=61, d_model=24, n_head=3, d_head=7, d_inner=40, block_sizes=[1, 2, 1],
              num_decoder_layers=1, initializer_range=0.3, initializer_std=0.25, hidden_dropout=0.0,
              attention_dropout=0.0)

# Other names of the embedding.
TIED = ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")


def perturbed(model, seed):
    """Moves every bias and norm away from its initial value."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return model.eval()


def tokens(seed, batch, length, vocab, avoid=(0, 1)):
    generator = torch.Generator().manual_seed(seed + 1)
    ids = torch.randint(0, vocab, (batch, length), generator=generator)
    for token in avoid:
        ids[ids == token] = vocab - 1
    return ids


def mask_from_lengths(lengths, length):
    return (torch.arange(length)[None, :] < torch.tensor(lengths)[:, None]).long()


def marked(batch, length, positions):
    mask = torch.zeros(batch, length, dtype=torch.long)
    for row, row_positions in enumerate(positions):
        mask[row, row_positions] = 1
    return mask


def transformers_case(kind, seed, inputs, prefix="", shape=SHAPE, **keys):
    import transformers
    config_class = getattr(transformers, f"{kind}Config")
    model_class = getattr(transformers, f"{kind}Model")
    config = config_class(**{**shape, **keys}, attn_implementation="eager")
    torch.manual_seed(seed)
    model = perturbed(model_class(config), seed)
    # Before the pass: reformer's writes down how many buckets it chose.
    written = json.loads(config.to_json_string(use_diff=False))
    with torch.no_grad():
        output = model(**inputs).last_hidden_state
    weights = {prefix + name: value.contiguous() for name, value in model.state_dict().items()
               if name not in TIED}
    return written, weights, output


def reference_case(kind, model_type, seed, inputs, **keys):
    """Of a model that transformers does not have: a class of references.py."""
    config = {"model_type": model_type, **SHAPE, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
              "type_vocab_size": 2, "pad_token_id": 0, **keys}
    model = getattr(references, kind)(config, seed)
    return config, model.tensors, model(**inputs)


def saved_names(model):
    """The tensors under the names that save_pretrained gives them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return load_file(f"{folder}/model.safetensors")


def signal_case(kind, seed, inputs, arguments=None, model_arguments=None, **keys):
    """Of a model that reads images or waveforms; `arguments` go to its forward alone."""
    import transformers
    config = getattr(transformers, f"{kind}Config")(
        initializer_range=0.25, **keys, attn_implementation="eager")
    torch.manual_seed(seed)
    model = perturbed(getattr(transformers, f"{kind}Model")(config, **(model_arguments or {})), seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if any(part in name for part in ("bias_table", "position_emb", "cls_token", "logit")):
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
            elif name.endswith("original0"):
                parameter.mul_(1 + torch.rand(parameter.shape, generator=generator))
        output = model(**inputs, **(arguments or {})).last_hidden_state
    return json.loads(config.to_json_string(use_diff=False)), saved_names(model), output


def waves(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


VIT = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
           image_size=32, patch_size=8)
HUBERT = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
              conv_dim=[8] * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4, hidden_dropout=0.0,
              activation_dropout=0.0, attention_dropout=0.0, feat_proj_dropout=0.0, layerdrop=0.0)
SWIN = dict(embed_dim=8, depths=[2, 1], num_heads=[2, 4], drop_path_rate=0.0)


def signal_cases():
    inputs = {"pixel_values": waves(31, 2, 3, 27, 45)}
    yield "vit_resized", inputs, signal_case(
        "ViT", 31, inputs, {"interpolate_pos_encoding": True}, {"add_pooling_layer": False},
        **VIT, qkv_bias=False)
    inputs = {"pixel_values": waves(32, 1, 1, 32, 32)}
    yield "vit_one_channel", inputs, signal_case(
        "ViT", 32, inputs, **VIT, num_channels=1, hidden_act="gelu_new")
    inputs = {"input_values": waves(33, 3, 5003),
              "attention_mask": mask_from_lengths([5003, 3000, 400], 5003)}
    yield "hubert_masked", inputs, signal_case(
        "Hubert", 33, inputs, **HUBERT, feat_proj_layer_norm=False, hidden_act="relu")
    inputs = {"input_values": waves(34, 2, 4000),
              "attention_mask": mask_from_lengths([4000, 2500], 4000)}
    yield "hubert_stable_masked", inputs, signal_case(
        "Hubert", 34, inputs, **{**HUBERT, "num_conv_pos_embeddings": 5}, conv_bias=True,
        do_stable_layer_norm=True, feat_extract_norm="layer")
    # The same weights under the names that weight normalisation had first.
    inputs = {"input_values": waves(35, 1, 719)}
    config, weights, output = signal_case("Hubert", 35, inputs, **HUBERT)
    renamed = {name.replace("parametrizations.weight.original0", "weight_g")
               .replace("parametrizations.weight.original1", "weight_v"): value
               for name, value in weights.items()}
    yield "hubert_one_frame", inputs, (config, renamed, output)
    inputs = {"pixel_values": waves(36, 2, 3, 29, 50)}
    yield "swin_uneven", inputs, signal_case(
        "Swin", 36, inputs, model_arguments={"add_pooling_layer": False}, **SWIN, image_size=32,
        patch_size=2, window_size=3, qkv_bias=False)
    inputs = {"pixel_values": waves(37, 1, 3, 45, 30)}
    yield "swinv2_pretrained", inputs, signal_case(
        "Swinv2", 37, inputs, **SWIN, image_size=24, patch_size=2, window_size=4,
        pretrained_window_sizes=[6, 3])


def core_cases():
    """Models with BERT's skeleton that transformers does not have."""
    def ids(seed, batch, length):
        return tokens(seed, batch, length, SHAPE["vocab_size"])

    inputs = {"input_ids": ids(31, 2, 61), "attention_mask": mask_from_lengths([61, 22], 61),
              "token_type_ids": ids(32, 2, 61) % 2}
    yield "local_odd", inputs, reference_case(
        "Local", "local", 31, inputs, block_size=7, num_attention_heads=4, hidden_act="relu")
    # Padding to the block goes beyond the table of positions.
    inputs = {"input_ids": ids(33, 1, 96)}
    yield "local_full_length", inputs, reference_case(
        "Local", "local", 33, inputs, block_size=25)
    inputs = {"input_ids": ids(34, 2, 43), "attention_mask": mask_from_lengths([43, 20], 43)}
    yield "performer_odd", inputs, reference_case(
        "Performer", "performer", 34, inputs, num_features=13, num_attention_heads=2,
        hidden_act="relu")
    inputs = {"input_ids": ids(35, 3, 1)}
    yield "performer_one_token", inputs, reference_case(
        "Performer", "performer", 35, inputs, num_features=50)
    inputs = {"input_ids": ids(36, 2, 50), "attention_mask": mask_from_lengths([50, 3], 50)}
    yield "linear_transformer_odd", inputs, reference_case(
        "LinearTransformer", "linear_transformer", 36, inputs, num_attention_heads=6,
        hidden_act="silu")
    inputs = {"input_ids": ids(37, 2, 91), "attention_mask": mask_from_lengths([91, 60], 91)}
    yield "linear_transformer_causal", inputs, reference_case(
        "LinearTransformer", "linear_transformer", 37, inputs, is_decoder=True)
    inputs = {"input_ids": ids(38, 2, 35), "attention_mask": mask_from_lengths([35, 30], 35)}
    yield "synthesizer_dense_odd", inputs, reference_case(
        "Synthesizer", "synthesizer", 38, inputs, synthesizer="dense", hidden_act="relu",
        num_attention_heads=4)
    yield "synthesizer_random", inputs, reference_case(
        "Synthesizer", "synthesizer", 39, inputs, synthesizer="random",
        max_position_embeddings=40)
    inputs = {"input_ids": ids(40, 3, 47)}
    yield "synthesizer_factorized_unmasked", inputs, reference_case(
        "Synthesizer", "synthesizer", 40, inputs, synthesizer="factorized", synthesizer_rank=5)
    inputs = {"input_ids": ids(41, 2, 37), "attention_mask": mask_from_lengths([37, 9], 37)}
    yield "lrt_odd", inputs, reference_case(
        "Lrt", "lrt", 41, inputs, rank=7, num_attention_heads=2, hidden_act="relu")


def sparse_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, SHAPE["vocab_size"])

    inputs = {"input_ids": ids(42, 2, 61)}
    inputs["attention_mask"] = mask_from_lengths([61, 40], 61)
    inputs["attention_mask"][1, 5:13] = 0
    yield "sparse_transformer_fixed_odd", inputs, reference_case(
        "SparseTransformer", "sparse_transformer", 42, inputs, pattern="fixed", block_size=9,
        summary_size=2, num_attention_heads=2)
    yield "sparse_transformer_strided_odd", inputs, reference_case(
        "SparseTransformer", "sparse_transformer", 43, inputs, pattern="strided", stride=6,
        hidden_act="relu")
    inputs = {"input_ids": ids(44, 3, 49), "attention_mask": mask_from_lengths([49, 28, 10], 49)}
    yield "sinkhorn_odd", inputs, reference_case(
        "Sinkhorn", "sinkhorn", 44, inputs, block_size=6, temperature=0.4, sinkhorn_iterations=3,
        num_attention_heads=2, hidden_act="relu")
    inputs = {"input_ids": ids(45, 2, 23), "attention_mask": mask_from_lengths([23, 8], 23),
              "token_type_ids": ids(46, 2, 23) % 2}
    yield "universal_transformer", inputs, reference_case(
        "UniversalTransformer", "universal_transformer", 45, inputs, num_hidden_layers=3, act=False)
    yield "universal_transformer_act", inputs, reference_case(
        "UniversalTransformer", "universal_transformer", 47, inputs, num_hidden_layers=5, act=True,
        act_threshold=0.9, num_attention_heads=4)


def recurrent_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, SHAPE["vocab_size"])

    inputs = {"input_ids": ids(48, 2, 83), "attention_mask": mask_from_lengths([83, 35], 83)}
    yield "gla", inputs, reference_case(
        "Gla", "gla", 49, inputs, gate_rank=5, layer_norm_eps=1e-5, num_attention_heads=4,
        hidden_act="relu")
    yield "memsizer", inputs, reference_case("Memsizer", "memsizer", 50, inputs, slots=9)
    yield "memsizer_causal", inputs, reference_case(
        "Memsizer", "memsizer", 51, inputs, slots=32, is_decoder=True, hidden_act="silu")
    inputs = {"input_ids": ids(52, 2, 71), "attention_mask": mask_from_lengths([71, 30], 71)}
    yield "retnet", inputs, reference_case(
        "Retnet", "retnet", 53, inputs, layer_norm_eps=1e-5, num_attention_heads=4,
        hidden_act="silu")
    inputs = {"input_ids": ids(54, 3, 96), "token_type_ids": ids(55, 3, 96) % 2}
    yield "retnet_full_length", inputs, reference_case(
        "Retnet", "retnet", 56, inputs, chunk_size=10, hidden_size=40, num_attention_heads=10)


def transduction_case(seed, inputs, **keys):
    config = {"model_type": "transduction", **T5, "num_decoder_layers": 2, "dense_act_fn": "relu",
              "layer_norm_epsilon": 1e-5, "is_encoder_decoder": True, **keys}
    model = references.Transduction(config, seed)
    return config, model.tensors, model(**inputs)


def encoder_decoder_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, T5["vocab_size"])

    # Both stacks, the encoder sparse throughout; experts refuse nothing, however small.
    inputs = {"input_ids": ids(57, 2, 31), "attention_mask": mask_from_lengths([31, 12], 31),
              "decoder_input_ids": ids(58, 2, 19),
              "decoder_attention_mask": mask_from_lengths([19, 8], 19)}
    yield "switch_decoder", inputs, transformers_case(
        "SwitchTransformers", 57, inputs, shape=T5, num_decoder_layers=3, num_experts=5,
        num_sparse_encoder_layers=2, num_sparse_decoder_layers=1, expert_capacity=1,
        router_bias=True, router_jitter_noise=0.0, relative_attention_num_buckets=12,
        relative_attention_max_distance=20, dense_act_fn="gelu_new")
    inputs = {"input_ids": ids(59, 3, 1), "decoder_input_ids": ids(60, 3, 1)}
    yield "switch_one_token", inputs, transformers_case(
        "SwitchTransformers", 59, inputs, shape=T5, num_heads=2, num_experts=7,
        num_sparse_encoder_layers=0, num_sparse_decoder_layers=1, num_decoder_layers=2,
        router_dtype="bfloat16", router_jitter_noise=0.0)
    inputs = {"input_ids": ids(61, 2, 23), "attention_mask": mask_from_lengths([23, 9], 23),
              "decoder_input_ids": ids(62, 2, 29),
              "decoder_attention_mask": mask_from_lengths([29, 14], 29)}
    yield "transduction", inputs, transduction_case(63, inputs)
    inputs = {"input_ids": ids(64, 3, 17)}
    yield "transduction_encoder", inputs, transduction_case(
        64, inputs, d_model=15, num_heads=5, dense_act_fn="gelu", num_decoder_layers=1)


def cases():
    yield from encoder_decoder_cases()
    yield from signal_cases()
    yield from transformers_cases()
    yield from core_cases()
    yield from sparse_cases()
    yield from recurrent_cases()
    yield from block_cases()
    yield from reformer_cases()
    yield from funnel_cases()
    yield from modernbert_cases()


def block_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, SHAPE["vocab_size"])

    # Twenty blocks, the last of them not full; holes in the second row's mask.
    inputs = {"input_ids": ids(52, 2, 79), "attention_mask": mask_from_lengths([79, 50], 79),
              "token_type_ids": ids(53, 2, 79) % 2}
    inputs["attention_mask"][1, 5:13] = 0
    yield "big_bird_odd", inputs, transformers_case(
        "BigBird", 52, inputs, prefix="bert.", block_size=4, num_random_blocks=2, use_bias=False,
        rescale_embeddings=True, hidden_act="relu", sep_token_id=3)
    # As few blocks as the pattern needs, and one token less than it needs.
    inputs = {"input_ids": ids(54, 3, 64)}
    yield "big_bird_fewest_blocks", inputs, transformers_case(
        "BigBird", 54, inputs, block_size=9, num_random_blocks=1, num_attention_heads=2,
        sep_token_id=3)
    inputs = {"input_ids": ids(55, 2, 63), "attention_mask": mask_from_lengths([63, 20], 63)}
    yield "big_bird_too_short", inputs, transformers_case(
        "BigBird", 55, inputs, block_size=9, num_random_blocks=1, hidden_act="gelu",
        num_attention_heads=6, sep_token_id=3)


def modernbert_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, MODERNBERT["vocab_size"])

    inputs = {"input_ids": ids(56, 3, 83), "attention_mask": mask_from_lengths([83, 40, 3], 83)}
    yield "modernbert_biases", inputs, transformers_case(
        "ModernBert", 56, inputs, prefix="model.", shape=MODERNBERT, num_attention_heads=3,
        local_attention=11, attention_bias=True, mlp_bias=True, norm_bias=True,
        hidden_activation="relu", norm_eps=1e-3)
    inputs = {"input_ids": ids(57, 2, 61)}
    yield "modernbert_sliding", inputs, transformers_case(
        "ModernBert", 57, inputs, shape={**MODERNBERT, "num_hidden_layers": 3},
        num_attention_heads=2, local_attention=20, hidden_activation="silu",
        layer_types=["sliding_attention"] * 3,
        rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 1000.0},
                         "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}})
    # Within reach of one another; older names of the bases.
    inputs = {"input_ids": ids(58, 2, 17), "attention_mask": mask_from_lengths([17, 9], 17)}
    yield "modernbert_short", inputs, transformers_case(
        "ModernBert", 58, inputs, shape={**MODERNBERT, "num_hidden_layers": 4},
        num_attention_heads=6, local_attention=32, global_attn_every_n_layers=2,
        global_rope_theta=3000.0, local_rope_theta=70.0)


def transformers_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, SHAPE["vocab_size"])

    inputs = {"input_ids": ids(11, 3, 1)}
    yield "bert_one_token", inputs, transformers_case(
        "Bert", 11, inputs, hidden_act="relu", num_attention_heads=1)
    inputs = {"input_ids": ids(12, 2, 83), "attention_mask": mask_from_lengths([83, 2], 83)}
    yield "bert_prefixed", inputs, transformers_case(
        "Bert", 12, inputs, prefix="bert.", hidden_act="silu", num_attention_heads=12,
        layer_norm_eps=1e-3)
    # Padding tokens within the text, too.
    inputs = {"input_ids": ids(24, 3, 37), "attention_mask": mask_from_lengths([37, 20, 1], 37)}
    inputs["input_ids"][1, 5:9] = 4
    yield "roberta_pad_tokens", inputs, transformers_case(
        "Roberta", 24, inputs, pad_token_id=4, hidden_act="gelu_new", num_attention_heads=4)
    inputs = {"input_ids": ids(25, 2, 23), "token_type_ids": ids(26, 2, 23) % 2}
    yield "albert_inner_layers", inputs, transformers_case(
        "Albert", 25, inputs, embedding_size=10, num_hidden_layers=5, num_hidden_groups=3,
        inner_group_num=2, hidden_act="relu")
    inputs = {"input_ids": ids(27, 3, 14)}
    yield "fnet_even", inputs, transformers_case(
        "FNet", 27, inputs, hidden_size=15, hidden_act="silu")
    inputs = {"input_ids": ids(13, 2, 5), "attention_mask": mask_from_lengths([5, 3], 5)}
    yield "longformer_short", inputs, transformers_case(
        "Longformer", 13, inputs, attention_window=[20, 20], hidden_act="gelu_new")
    inputs = {"input_ids": ids(14, 2, 67), "attention_mask": mask_from_lengths([67, 41], 67)}
    yield "longformer_three_windows", inputs, transformers_case(
        "Longformer", 14, inputs, attention_window=[4, 12, 6], num_hidden_layers=3,
        hidden_act="relu", type_vocab_size=2)
    # Rows with 4, 1 and 0 global tokens; one of them is masked.
    inputs = {"input_ids": ids(15, 3, 29), "attention_mask": mask_from_lengths([29, 17, 23], 29),
              "global_attention_mask": marked(3, 29, [[0, 5, 6, 28], [16, 20], []])}
    yield "longformer_uneven_global", inputs, transformers_case(
        "Longformer", 15, inputs, attention_window=[6, 6])
    inputs = {"input_ids": ids(16, 1, 90), "global_attention_mask": marked(1, 90, [range(90)])}
    yield "longformer_all_global", inputs, transformers_case(
        "Longformer", 16, inputs, attention_window=8)
    # Padding tokens among the ids keep the position of the padding token.
    inputs = {"input_ids": ids(17, 2, 31)}
    inputs["input_ids"][:, 20:23] = 1
    yield "longformer_pad_tokens", inputs, transformers_case(
        "Longformer", 17, inputs, attention_window=16)
    inputs = {"input_ids": ids(18, 3, 60)}
    yield "nystromformer_odd", inputs, transformers_case(
        "Nystromformer", 18, inputs, num_landmarks=5, segment_means_seq_len=60,
        conv_kernel_size=3, hidden_act="relu", num_attention_heads=4)
    inputs = {"input_ids": ids(19, 2, 45), "attention_mask": mask_from_lengths([45, 31], 45)}
    # transformers 5.17 makes a mask [B, 1, n, n] of one [B, n], which its own
    # landmark scores cannot add; one of four dimensions it passes on as it is.
    additive = (1 - inputs["attention_mask"])[:, None, None, :] * torch.finfo(torch.float32).min
    yield "nystromformer_many_landmarks", inputs, transformers_case(
        "Nystromformer", 19, {**inputs, "attention_mask": additive}, num_landmarks=15, segment_means_seq_len=45,
        conv_kernel_size=33, initializer_range=0.1)
    inputs = {"input_ids": ids(20, 2, 19), "attention_mask": mask_from_lengths([19, 7], 19)}
    yield "nystromformer_softmax_odd", inputs, transformers_case(
        "Nystromformer", 20, inputs, num_landmarks=32, segment_means_seq_len=32,
        conv_kernel_size=9)
    inputs = {"input_ids": ids(21, 2, 96), "token_type_ids": ids(22, 2, 96) % 2}
    yield "linformer_full_length", inputs, reference_case(
        "Linformer", "linformer", 21, inputs, linformer_k=7)
    inputs = {"input_ids": ids(23, 3, 9), "attention_mask": mask_from_lengths([9, 4, 1], 9)}
    yield "linformer_wide", inputs, reference_case(
        "Linformer", "linformer", 23, inputs, linformer_k=33, hidden_act="relu",
        num_attention_heads=6)
    inputs = {"input_ids": ids(24, 3, 37), "attention_mask": mask_from_lengths([37, 5, 20], 37)}
    yield "llama_biases", inputs, transformers_case(
        "Llama", 24, inputs, prefix="model.", shape=DECODER, num_attention_heads=4,
        num_key_value_heads=1, head_dim=10, attention_bias=True, mlp_bias=True,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0}, hidden_act="gelu_new")
    for seed, (name, rope) in enumerate(ROPES.items(), 130):
        inputs = {"input_ids": ids(seed, 2, 53), "attention_mask": mask_from_lengths([53, 30], 53)}
        kind = "Mistral" if name.startswith("l") else "Llama"
        yield f"{kind.lower()}_rope_{name}", inputs, transformers_case(
            kind, seed, inputs,
            shape={**DECODER, "max_position_embeddings": 40 if name == "dynamic" else 64},
            num_attention_heads=4, num_key_value_heads=2, head_dim=8,
            rope_parameters={"rope_type": name, "rope_theta": 100.0, **rope})
    # Three blocks of queries, the last of them not full.
    inputs = {"input_ids": ids(25, 2, 151), "attention_mask": mask_from_lengths([151, 80], 151)}
    yield "mistral_blocks", inputs, transformers_case(
        "Mistral", 25, inputs, shape=DECODER, num_attention_heads=6, num_key_value_heads=2,
        head_dim=4, sliding_window=23)
    inputs = {"input_ids": ids(26, 1, 30)}
    yield "mistral_no_window", inputs, transformers_case(
        "Mistral", 26, inputs, shape=DECODER, num_attention_heads=3, num_key_value_heads=3,
        sliding_window=None)
    inputs = {"input_ids": ids(27, 2, 41), "attention_mask": mask_from_lengths([41, 23], 41)}
    yield "mamba2_masked", inputs, transformers_case(
        "Mamba2", 27, inputs, prefix="backbone.", shape={}, vocab_size=61, hidden_size=24,
        num_hidden_layers=2, num_heads=6, head_dim=8, state_size=5, n_groups=3, conv_kernel=3,
        chunk_size=12, initializer_range=0.25, use_bias=True, time_step_limit=(0.01, 0.5))
    inputs = {"input_ids": ids(28, 2, 29), "attention_mask": mask_from_lengths([29, 13], 29),
              "decoder_input_ids": ids(29, 2, 17),
              "decoder_attention_mask": mask_from_lengths([17, 9], 17)}
    yield "t5_gated", inputs, transformers_case(
        "T5", 28, inputs, shape=T5, num_decoder_layers=1, feed_forward_proj="gated-gelu",
        relative_attention_num_buckets=10, relative_attention_max_distance=15,
        tie_word_embeddings=False)


def reformer_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, REFORMER["vocab_size"])

    # Rounds of hashing, two factors of buckets, chunks on both sides, masked; padded to 12.
    inputs = {"input_ids": ids(61, 2, 43), "attention_mask": mask_from_lengths([43, 20], 43)}
    yield "reformer_masked", inputs, transformers_case(
        "Reformer", 61, inputs, shape=REFORMER, attn_layers=["lsh", "local", "lsh"],
        lsh_attn_chunk_length=6, local_attn_chunk_length=4, num_hashes=3, num_buckets=[2, 4],
        lsh_num_chunks_before=1, lsh_num_chunks_after=1, local_num_chunks_after=1, hash_seed=3,
        hidden_act="gelu")
    # Causal, with as many buckets as the length makes, in two factors. The first token meets
    # itself alone, in each round.
    inputs = {"input_ids": ids(62, 2, 90)}
    yield "reformer_causal", inputs, transformers_case(
        "Reformer", 62, inputs, shape=REFORMER, prefix="reformer.", attn_layers=["local", "lsh"],
        lsh_attn_chunk_length=3, local_attn_chunk_length=9, lsh_num_chunks_before=2, hash_seed=4,
        num_hashes=2, is_decoder=True, num_attention_heads=2)
    # Longer than the chunks of one kind alone.
    inputs = {"input_ids": ids(63, 3, 13), "attention_mask": mask_from_lengths([13, 7, 1], 13)}
    yield "reformer_whole", inputs, transformers_case(
        "Reformer", 63, inputs, shape=REFORMER, attn_layers=["lsh", "local"],
        lsh_attn_chunk_length=16, local_attn_chunk_length=8, hash_seed=5, axial_pos_embds=False)
    # Chunks that see farther than once around.
    inputs = {"input_ids": ids(64, 2, 15)}
    yield "reformer_around", inputs, transformers_case(
        "Reformer", 64, inputs, shape=REFORMER, attn_layers=["lsh", "local"],
        lsh_attn_chunk_length=8, local_attn_chunk_length=4, num_hashes=2, num_buckets=6,
        lsh_num_chunks_before=3, local_num_chunks_before=5, hash_seed=6)
    inputs = {"input_ids": ids(65, 2, 5)}
    yield "reformer_one_chunk", inputs, transformers_case(
        "Reformer", 65, inputs, shape=REFORMER, attn_layers=["local", "lsh"],
        lsh_attn_chunk_length=8, local_attn_chunk_length=8, is_decoder=True)


def funnel_cases():
    def ids(seed, batch, length):
        return tokens(seed, batch, length, FUNNEL["vocab_size"])

    # Three types of tokens, of which the last is of both others.
    inputs = {"input_ids": ids(71, 2, 37), "attention_mask": mask_from_lengths([37, 22], 37),
              "token_type_ids": ids(72, 2, 37) % 3}
    yield "funnel_typed", inputs, transformers_case("Funnel", 71, inputs, shape=FUNNEL)
    yield "funnel_factorized", inputs, transformers_case(
        "Funnel", 73, inputs, shape=FUNNEL, attention_type="factorized", pool_q_only=False,
        hidden_act="relu")
    inputs = {"input_ids": ids(74, 2, 30), "attention_mask": mask_from_lengths([30, 13], 30),
              "token_type_ids": ids(75, 2, 30) % 3}
    yield "funnel_whole", inputs, transformers_case(
        "Funnel", 74, inputs, shape=FUNNEL, separate_cls=False, pooling_type="max",
        block_repeats=[2, 1, 2])
    yield "funnel_not_truncated", inputs, transformers_case(
        "Funnel", 76, inputs, shape=FUNNEL, truncate_seq=False, n_head=2, num_decoder_layers=0)
    # More queries than meet the keys at once.
    inputs = {"input_ids": ids(77, 1, 523)}
    yield "funnel_long", inputs, transformers_case(
        "Funnel", 77, inputs, prefix="funnel.", shape=FUNNEL, block_sizes=[1, 1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    out = parser.parse_args().out
    for name, inputs, (config, weights, output) in cases():
        assert name not in GIVEN
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
        save_file(weights, str(folder / "model.safetensors"))
        save_file(inputs, str(folder / "inputs.safetensors"))
        save_file({"last_hidden_state": output.contiguous()}, str(folder / "outputs.safetensors"))
        print(f"{name}: rms {output.square().mean().sqrt():.3f}")


if __name__ == "__main__":
    main()
