"""Several providers, one after the other."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Signal, comparable
from lowcarb.errors import BadResponseError, ConfigurationError, NoDataError, ProviderError
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.last_good import LAST_GOOD_FOR, PATIENCE, WithLastGood
from lowcarb.providers.protocol import Actuals, Answer, Checked, Provider
from lowcarb.providers.series_fault import series_fault

logger = logging.getLogger(__name__)


class Composite:
    """Asks each provider for the regions that those before it could not give.

    Marginal and average intensities are never mixed: the first provider that says its signal
    decides for all, and a forecast of the other signal is not used.

    Parameters
    ----------
    providers
        The best one first.
    signal
        "average" or "marginal"; None to go by the providers. A provider that does not say is taken
        to give that signal.

    Raises
    ------
    InputError
        If the signal is unknown.
    ConfigurationError
        If there is no provider, if two say different signals, or if a provider that could say its
        signal does not, beside a provider that does.
    """

    def __init__(self, *providers: Provider, signal: str | None = None) -> None:
        if not providers:
            raise ConfigurationError("expected at least one provider")
        self.providers = providers
        self._in_time = [WithLastGood(provider) for provider in providers]
        self.signal = Signal.of(signal)
        for provider in providers:
            own = Signal.of(getattr(provider, "signal", None))
            if not comparable(own, self.signal):
                raise ConfigurationError(
                    f"{_name(provider)} gives {own} intensities where the others are "
                    f"{self.signal}; they cannot be compared"
                )
            self.signal = self.signal or own
        for provider in providers:
            silent = hasattr(provider, "signal") and provider.signal is None
            if silent and self.signal is not None and signal is None:
                raise ConfigurationError(
                    f"{_name(provider)} does not say whether its intensities are average or "
                    f"marginal, where the others are {self.signal}; give it signal="
                )

        counted = {getattr(provider, "accounting", None) for provider in providers} - {None}
        if len(counted) > 1:
            logger.warning(
                "lowcarb: some providers count lifecycle emissions and some direct ones, which "
                "favours regions of the latter"
            )

    def check(self) -> None:
        """Refuse what one of the providers refuses."""
        for provider in self.providers:
            if isinstance(provider, Checked):
                provider.check()

    @property
    def last_good_for(self) -> timedelta:
        """How old an answer may be to stand in: what the most careful of the providers says."""
        return min(getattr(one, "last_good_for", LAST_GOOD_FOR) for one in self.providers)

    def __repr__(self) -> str:
        return f"Composite({', '.join(map(repr, self.providers))})"

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return for each region the forecast of the first provider that has one."""
        deadline = Deadline.after(PATIENCE.total_seconds())
        return self.forecasts_by(deadline, regions, start=start, end=end)

    def forecasts_by(
        self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
    ) -> Answer:
        """Return what `forecasts` does; all providers share the deadline.

        What a provider remembers stands in for it before the next provider is asked.
        """
        asks = [partial(provider.forecasts_by, deadline) for provider in self._in_time]
        return self._each(asks, regions, start=start, end=end)

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return for each region what the first provider says that knows what came true."""
        asks = [
            provider.actuals if isinstance(provider, Actuals) else None
            for provider in self.providers
        ]
        return self._each(asks, regions, start=start, end=end)

    def _each(
        self,
        asks: Sequence[Callable[..., Answer] | None],
        regions: Sequence[str],
        **times: datetime,
    ) -> Answer:
        found: dict[str, Series] = {}
        failed: dict[str, ProviderError] = {}
        for provider, ask in zip(self.providers, asks, strict=True):
            left = [name for name in regions if name not in found]
            if ask is None or not left:
                continue
            series, errors = _ask(ask, left, **times)
            for name in left:
                if name in series and self._fits(series[name]):
                    found[name] = series[name]
                elif name in series:
                    other = f"{_name(provider)} gives {name!r}, but not as {self.signal} intensity"
                    failed[name] = _joined(failed.get(name), BadResponseError(other))
                elif name in errors:
                    failed[name] = _joined(failed.get(name), errors[name])
        nothing = NoDataError("none of the providers has anything of it")
        return found, {name: failed.get(name, nothing) for name in regions if name not in found}

    def _fits(self, series: Series) -> bool:
        signal = None if series.provenance is None else Signal.of(series.provenance.signal)
        self.signal = self.signal or signal
        return comparable(signal, self.signal)


def _ask(ask: Callable[..., Answer], names: Sequence[str], **times: datetime) -> Answer:
    """Ask a provider; whatever it does, the others are asked too."""
    try:
        found, failed = ask(names, **times)
        faults = {name: fault for name in found if (fault := series_fault(found[name]))}
        return (
            {name: series for name, series in found.items() if name not in faults},
            {**failed, **{name: BadResponseError(fault) for name, fault in faults.items()}},
        )
    except ProviderError as error:
        return {}, dict.fromkeys(names, error)
    except Exception as error:
        # A provider may be the user's own code.
        logger.exception("lowcarb: a provider failed")
        return {}, dict.fromkeys(names, NoDataError(f"the provider failed: {type(error).__name__}"))


def _joined(before: ProviderError | None, error: ProviderError) -> ProviderError:
    """Keep the first error's class, and the messages of all providers."""
    return error if before is None else type(before)(f"{before}; {error}")


def _name(provider: object) -> str:
    return str(getattr(provider, "name", type(provider).__name__))
