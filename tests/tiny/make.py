"""Train the tiny language model of the tests: a Llama of 0.4 million weights that finds and copies what it read.

    pip install torch transformers safetensors      # not needed by the tests
    python tests/tiny/make.py [FOLDER] [--steps N]

It takes some minutes of one CPU core. FOLDER (`tests/tiny/model`) receives the files that Hugging Face's
`transformers` reads: `config.json`, `tokenizer.json`, `tokenizer_config.json`, `model.safetensors` (16-bit), and
`reference.json`: what `transformers` makes of a few prompts with these weights, for the parity tests.

The choices that matter: whole words of its small world are tokens (byte-level BPE of 512, nothing is unknown);
conversations of three questions, so that there is much to answer per word read; loss on answers, a tenth of it on the
rest; Muon for the matrices, AdamW for the embedding; a learning rate that falls to zero over the fixed number of steps.
"""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from random import Random

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.tiny.sentences import conversation, facts, questions, text

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
UNLEARNT = 0.1
"""The weight of the loss on what the model does not have to answer."""


def trained_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE of 512 tokens, with GPT-2's way of cutting words."""
    random = Random(seed)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=[AddedToken(token, normalized=False, special=True) for token in SPECIALS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    turns = (turn for _ in range(4000) for turn in conversation(random))
    tokenizer.train_from_iterator(
        (line for turn in turns for line in ("user\n" + turn[0], "assistant\n" + turn[1])), trainer
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=SPECIALS[0],
        eos_token=SPECIALS[2],
        pad_token=SPECIALS[0],
        chat_template=TEMPLATE,
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
    )


def untrained_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Three layers of 128 with two key-value heads for four query heads, and one table for words in and out."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=192,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            initializer_range=0.05,
            attn_implementation="sdpa",
        )
    )


def example(tokenizer: PreTrainedTokenizerFast, random: Random) -> tuple[list[int], list[float]]:
    """A conversation as tokens, and how much each token counts in the loss."""
    tokens: list[int] = []
    weights: list[float] = []
    for asked, answer in conversation(random):
        before = tokenizer.encode(f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n")
        after = tokenizer.encode(f"{answer}<|im_end|>")
        close = tokenizer.encode("\n")
        tokens += before + after + close
        weights += [UNLEARNT] * len(before) + [1.0] * len(after) + [UNLEARNT] * len(close)
    return tokens, weights


def batch(tokenizer: PreTrainedTokenizerFast, random: Random, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`size` conversations of about the same length, padded: tokens and weights."""
    drawn = [example(tokenizer, random) for _ in range(size)]
    longest = max(len(tokens) for tokens, _ in drawn)
    tokens = torch.tensor([row + [tokenizer.pad_token_id] * (longest - len(row)) for row, _ in drawn])
    weights = torch.tensor([row + [0.0] * (longest - len(row)) for _, row in drawn])
    return tokens, weights


def loss_of(model: LlamaForCausalLM, tokens: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    logits = model(input_ids=tokens[:, :-1]).logits
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
    counted = weights[:, 1:].flatten()
    return (each * counted).sum() / counted.sum()


def train(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, steps: int, seed: int) -> None:
    random = Random(seed)
    matrices = [weight for name, weight in model.named_parameters() if weight.ndim == 2 and "embed" not in name]
    others = [weight for name, weight in model.named_parameters() if weight.ndim != 2 or "embed" in name]
    optimizers = [
        torch.optim.Muon(matrices, lr=0.02, weight_decay=0.0),
        torch.optim.AdamW(others, lr=4e-3, betas=(0.9, 0.99), weight_decay=0.0),
    ]
    rates = [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]
    began = time.process_time()
    for step in range(steps):
        share = min(1.0, (step + 1) / 50, 2 * (1 - step / steps))
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
        loss = loss_of(model, *batch(tokenizer, random, 32))
        model.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step}: loss {loss.item():.3f}, {time.process_time() - began:.0f} CPU seconds", flush=True)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """The files of the model. The tokenizer's template is kept in its configuration, so that there are few files."""
    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder, save_jinja_files=False)
    (folder / "generation_config.json").unlink(missing_ok=True)


def prompts(seed: int) -> list[str]:
    """Prompts of the parity test: some of the model's world, some far outside it."""
    random = Random(seed)
    told = [facts(random, 3) for _ in range(12)]
    inside = [
        f"<|im_start|>user\n{text(some)} {questions(some[1])[0][0]}<|im_end|>\n<|im_start|>assistant\n" for some in told
    ]
    outside = [
        "The",
        "Ünïcödé 漢字 🦜",
        "<|im_start|>",
        "3.14159 = π",
        "def f(x):\n    return x",
        "Привет, мир",
        "a" * 70,
        "\n\n\t ",
    ]
    return inside + outside


def reference(folder: Path, seed: int) -> dict[str, object]:
    """What `transformers` says comes next, in 32-bit arithmetic with the weights as saved: the ten likeliest tokens."""
    import transformers

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    rows = []
    for prompt in prompts(seed):
        ids = tokenizer.encode(prompt)
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1].double()
        values, tokens = torch.log_softmax(logits, -1).topk(10)
        rows.append(
            {
                "prompt": prompt,
                "ids": ids,
                "next": {int(t): round(float(v), 5) for t, v in zip(tokens, values, strict=True)},
            }
        )
    made = f"transformers {transformers.__version__}, torch {torch.__version__}, 32-bit, CPU, tests/tiny/make.py"
    return {
        "made_by": made,
        "meaning": "log-probabilities of the ten likeliest next tokens, by token id",
        "prompts": rows,
    }


def right_answers(folder: Path, seed: int, count: int = 100) -> float:
    """The share of questions about texts it has not seen that the model answers exactly."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    random, right = Random(seed), 0
    for _ in range(count):
        told = facts(random, random.randint(1, 4))
        asked, answer = random.choice(questions(random.choice(told)))
        ids = tokenizer.encode(f"<|im_start|>user\n{text(told)} {asked}<|im_end|>\n<|im_start|>assistant\n")
        with torch.no_grad():
            out = model.generate(input_ids=torch.tensor([ids]), max_new_tokens=40, do_sample=False)[0, len(ids) :]
        right += tokenizer.decode(out, skip_special_tokens=True).strip() == answer
    return right / count


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent / "model")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    given.folder.mkdir(parents=True, exist_ok=True)
    tokenizer = trained_tokenizer(given.seed)
    model = untrained_model(tokenizer)
    print(f"{sum(weight.numel() for weight in model.parameters()):,} weights")
    train(model, tokenizer, given.steps, given.seed)
    save(model, tokenizer, given.folder)
    (given.folder / "reference.json").write_text(
        json.dumps(reference(given.folder, given.seed + 1), ensure_ascii=False, indent=1) + "\n"
    )
    print(f"right answers: {right_answers(given.folder, given.seed + 2):.0%}")


if __name__ == "__main__":
    main()
