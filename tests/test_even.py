"""Even random numbers: each batch fills its range, and batches are independent."""

import numpy as np
import pytest
from scipy.stats import kstest

from drawdown.even import BATCHES, Even, Tape, some


@pytest.mark.parametrize("number", [1, 37, 85, 2800])
@pytest.mark.parametrize("more", [(), (3,), (2, 3)])
def test_every_slice_of_a_batch_holds_one_number(number, more):
    found = Even(np.random.default_rng(1)).random((number, *more)).reshape(number, -1)
    for batch in np.array_split(found, BATCHES):
        slices = np.sort((batch * len(batch)).astype(int), axis=0)
        assert np.array_equal(slices, np.tile(np.arange(len(batch))[:, None], batch.shape[1]))


def test_numbers_have_their_distributions():
    even = Even(np.random.default_rng(2))
    assert kstest(even.random(2000), "uniform").pvalue > 0.01
    assert kstest(even.standard_normal(2000), "norm").pvalue > 0.01
    assert kstest(even.exponential(3.0, 2000), "expon", args=(0.0, 3.0)).pvalue > 0.01
    assert np.isfinite(even.standard_normal((200_000, 2))).all()


def test_a_tape_gives_the_same_numbers_whenever_it_is_played():
    """And those that would be drawn without one; a mean is told each time."""

    def asked(rng, mean):
        return rng.random(50), rng.standard_normal((50, 3)), rng.exponential(mean, (50, 2))

    tape = Tape(np.random.default_rng(5))
    for mean in (3.0, 3.0, 7.0):
        fresh, played = asked(Even(np.random.default_rng(5)), mean), asked(tape.play(), mean)
        assert all(np.array_equal(one, other) for one, other in zip(fresh, played, strict=True))
        played[0][:] = 0.0  # one's own


def test_columns_are_independent():
    found = Even(np.random.default_rng(3)).standard_normal((20_000, 4))
    assert np.abs(np.corrcoef(found, rowvar=False) - np.eye(4)).max() < 0.03


def test_sums_have_next_to_no_error_and_batches_tell_it():
    """The mean of a sum over columns, of many repetitions: far below that of independent numbers."""
    means, told = [], []
    for seed in range(200):
        x = Even(np.random.default_rng(seed)).standard_normal((2000, 3)).sum(axis=1)
        means.append(x.mean())
        told.append(x.reshape(BATCHES, -1).mean(axis=1).std(ddof=1) / np.sqrt(BATCHES))
    independent = np.sqrt(3 / 2000)
    assert np.std(means) < 0.25 * independent
    assert 0.8 < np.mean(told) / np.std(means) < 1.25


def test_what_is_no_sum_is_as_uncertain_as_ever():
    """A product of columns: the stated error is what repetition shows, here too."""
    means, told = [], []
    for seed in range(200):
        x = np.prod(Even(np.random.default_rng(seed)).standard_normal((2000, 2)), axis=1)
        means.append(x.mean())
        told.append(x.reshape(BATCHES, -1).mean(axis=1).std(ddof=1) / np.sqrt(BATCHES))
    assert 0.8 < np.mean(told) / np.std(means) < 1.25
    assert np.std(means) == pytest.approx(1 / np.sqrt(2000), rel=0.2)


def test_some_of_many_are_unbiased_and_each_of_its_stretch():
    rng = np.random.default_rng(4)
    picked = np.array([some(4800, 1000, rng) for _ in range(200)])
    assert np.all(picked >= 4.8 * np.arange(1000) - 1) and np.all(picked <= 4.8 * np.arange(1, 1001))
    assert picked.mean() == pytest.approx(4799 / 2, abs=0.1)
    assert np.array_equal(some(10, 20, rng), np.arange(10))
