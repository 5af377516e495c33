"""The term for what sequences are made of, in every task and in a fit; and a filter that is split."""
import copy

import numpy as np
import pytest
import torch

from argminn.composition import composition_loss, fit_composition, strand_frequencies
from argminn.core import UserError
from argminn.data import Data, Sequences, Training, concat
from argminn.filters import anchor_filters, read_filters, recentre, split_filters
from argminn.model import ARGMINN, Config, load_model, save_model
from argminn.motifs import Motif
from argminn.recipe import Recipe, predict_logits, validation_loss
from argminn.run import fit, predict
from argminn.sequences import decode, encode, one_hot, reverse_complement
from argminn.training import train


sequences = Sequences.bare


def islands(n, length):
    "Codes of positives, half of which hold GATA, all of them CG at eight places, and of negatives."
    rng = np.random.default_rng(0)
    positives, negatives = (rng.integers(0, 4, (n, length)).astype(np.uint8) for _ in range(2))
    for row in positives:
        for at in rng.integers(0, length - 1, 8): row[at:at + 2] = encode("CG")
    positives[::2, 30:40] = encode("GGAGATAAGG")
    return positives, negatives


def labelled(codes, task):
    "Labels that follow the share of CG in a sequence."
    cg = ((codes[:, :-1] == 1) & (codes[:, 1:] == 2)).mean(1)
    score = (cg - cg.mean()) / cg.std()
    labels = {"binary": [score > 0], "multilabel": [score > 0, score < 0], "regression": [score]}[task]
    return sequences(codes, np.stack(labels, 1))


@pytest.mark.parametrize("strands", ["tied", "separate"])
@pytest.mark.parametrize("task", ["binary", "multilabel", "regression"])
def test_composition_is_found_and_kept(task, strands, tmp_path):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    given, held_out = (labelled(rng.integers(0, 4, (800, 60)).astype(np.uint8), task) for _ in range(2))
    tasks = ("a", "b") if task == "multilabel" else ("a",)
    model = ARGMINN(Config(filters=2, width=8, layers=1, length=60, strands=strands, task=task, tasks=tasks)).eval()
    before = validation_loss(model, held_out, "both")
    terms = fit_composition(model, given.codes, given.labels)
    expected = composition_loss(model, held_out, *terms)
    assert expected < .8 * before
    model.add_composition(*terms)
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    assert validation_loss(again, held_out, "both") == pytest.approx(expected, rel=1e-4)
    both = predict_logits(again, held_out.codes), predict_logits(again, reverse_complement(held_out.codes))
    assert np.allclose(*both, atol=1e-4) == (strands == "tied")
    assert not np.allclose(predict_logits(again.without_composition(), held_out.codes), both[0], atol=1e-2)


def test_the_unit_of_the_labels_does_not_matter():
    torch.manual_seed(0)
    given = labelled(np.random.default_rng(0).integers(0, 4, (800, 60)).astype(np.uint8), "regression")
    model = ARGMINN(Config(filters=2, width=8, layers=1, length=60, task="regression")).eval()
    shares = []
    for unit in 1, 1000:
        part = Sequences(given.codes, given.names, given.chrom, given.start, given.labels * unit)
        scaled = copy.deepcopy(model)
        with torch.no_grad():
            for x in scaled.head[1].parameters(): x *= unit
        shares.append(composition_loss(scaled, part, *fit_composition(scaled, part.codes, part.labels)) / part.labels.var())
    assert shares[0] < .5 and shares[1] == pytest.approx(shares[0], rel=.05)


def test_what_cannot_be_read_counts_as_average():
    "A short sequence in padding is no sequence of a few words over and over."
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    given = labelled(rng.integers(0, 4, (800, 60)).astype(np.uint8), "binary")
    model = ARGMINN(Config(filters=2, width=8, layers=1, length=60)).eval()
    slope, weight, bias = fit_composition(model, given.codes, given.labels)
    padded = given.codes.copy()
    padded[:, 8:] = 4
    spread = lambda codes: float((strand_frequencies(model, codes) @ weight.T).std())
    nothing = strand_frequencies(model, np.full((1, 60), 4, np.uint8)) @ weight.T
    assert spread(padded) < spread(given.codes) and abs(float(nothing - (strand_frequencies(model, given.codes) @ weight.T).mean())) < .05


def write_fasta(path, codes):
    path.write_text("".join(f">{path.stem}{i}\n{bases}\n" for i, bases in enumerate(decode(codes))))
    return path


def test_a_fit_in_which_composition_joins(tmp_path):
    "The filter is the motif, the report says what the words add."
    positives, negatives = islands(1000, 80)
    run = fit(write_fasta(tmp_path / "up.fa", positives), write_fasta(tmp_path / "down.fa", negatives), tmp_path / "run", device="cpu",
              config=dict(filters=3, width=12, layers=1), recipe=dict(epochs=8, learning_rate=3e-3, min_batches=30))
    words, report = run.params["words"]["label"], (run.path / "report.html").read_text()
    assert any("GATAA" in m.consensus or "TTATC" in m.consensus for m in run.motifs)
    assert all("CG" in w for w in words["for"][:3]) and words["for"][0] in report
    assert run.metrics["test"]["auroc"] > float(words["alone"].split()[-1]) + .02
    assert predict(run, tmp_path / "up.fa").probability.mean() > .7
    with pytest.raises(UserError, match="expected one without"): train(run.model, None)


def test_a_stopped_run_resumes_with_its_composition(tmp_path):
    "Composition joins at the first pruning; a run stopped after it goes on as if it had not been stopped."
    up, down = islands(600, 60)
    both = lambda part: concat([sequences(up[part], np.ones((len(up[part]), 1))), sequences(down[part], np.zeros((len(down[part]), 1)))])
    data = Data(Training(both(slice(450))), both(slice(450, None)), None, ("label",), 60, "given")
    def run(**kwargs):
        torch.manual_seed(0)
        model = ARGMINN(Config(filters=3, width=10, layers=1, length=60))
        history = train(model, data, Recipe(epochs=8, learning_rate=3e-3, batch_size=64, min_batches=20), **kwargs)
        return model, history
    whole, history = run()
    assert whole.composition is not None and not whole.composition.weight.requires_grad
    class Stop(Exception): pass
    def stop(history):
        if len(history) == 2 * 3: raise Stop
    with pytest.raises(Stop): run(checkpoint=tmp_path / "checkpoint", on_epoch=stop)
    assert b"model.composition.weight" in (tmp_path / "checkpoint/state.safetensors").read_bytes()[:20_000]
    resumed, later = run(checkpoint=tmp_path / "checkpoint", resume=True)
    assert later.drop(columns="seconds").equals(history.drop(columns="seconds"))
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), resumed.state_dict().values()))


def test_a_split_that_stays(tmp_path):
    "A wide filter that reads a pair at the edges becomes two motifs, through pruning, anchoring, recentring, saving."
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (400, 60)).astype(np.uint8)
    codes[:, 20:40] = encode("ACTTCCTGTACAGCTGTGGT")                 # ACTTCCTG, six that vary, TGTGGT
    codes[:, 28:34] = rng.integers(0, 4, (400, 6))
    part = labelled(codes, "binary")
    torch.manual_seed(0)
    model = ARGMINN(Config(filters=3, width=20, layers=1, length=60))
    with torch.no_grad(): model.scanner.raw[0] = one_hot(codes[:, 20:40]).mean(0)
    model.scanner.live[1:] = False
    counts, maximum, _ = read_filters(model, codes)
    assert split_filters(model, counts, [1], .6) == [1]
    model.keep_filters([0, 1])
    counts, maximum, _ = read_filters(model, codes)
    counts = anchor_filters(model, codes, counts, maximum)
    recentre(model, counts)
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    read = sorted(Motif.from_pfm(c).trim().consensus for c in read_filters(again, part.codes)[0])
    assert read == ["ACTTCCTG", "TGTGGT"] and torch.equal(again.scanner.weight, model.scanner.weight)
    assert (again.scanner.weight.abs().sum(1) > 0).sum(1).tolist() == [8, 6]
