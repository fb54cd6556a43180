"""One dashboard for all that a stack serves with: alarms, graphs, cost, and saved queries of the logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.endpoints.graphs import Fleet, graph
from constructs_lib.endpoints.log_queries import save_queries
from constructs_lib.endpoints.monitoring import Monitored, monitored_in
from constructs_lib.endpoints.permissions import stack_of
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts.prices import Prices, snapshot
from constructs_lib.tokens import is_token

_WHOLE_WIDTH = 24
_MINUTES_AN_HOUR = 60


class InferenceDashboard(Construct):
    """A dashboard of CloudWatch with the alarms of every construct, and its graphs: time, load, errors, use, instances.

    Make it last: it shows what is in the stack by then. Each construct has a row of its own, and saved queries of its
    logs: errors, the slowest runs of its functions, and all that bears an id.

    What instances have cost in the time that is shown is their number times the price of the library's snapshot; where
    there is no price the dashboard says so. It is the list price of instances alone: no storage, no transfer, no
    discount, no functions.

    :param constructs: what it shows; by default all constructs of ours that the stack has, also those inside others.
    :param prices_per_hour: of an instance, by instance type, in US dollars; they go before the snapshot's.
    :param queries: whether queries are saved; True by default.
    :param dashboard_name: a fixed name; CloudFormation chooses one by default.
    :raises InvalidConfiguration: where there is nothing to show.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        constructs: Sequence[Monitored] | None = None,
        prices_per_hour: Mapping[str, float] | None = None,
        queries: bool = True,
        dashboard_name: str | None = None,
    ) -> None:
        shown = monitored_in(stack_of(scope)) if constructs is None else list(constructs)
        if not shown:
            problem = "the stack has nothing to show yet; make the dashboard last, or give constructs"
            raise InvalidConfiguration(f"InferenceDashboard {id}", [problem])
        super().__init__(scope, id)
        self.dashboard = cloudwatch.Dashboard(self, "Resource", dashboard_name=dashboard_name)
        alarms = [alarm for each in shown for alarm in each.alarms.values()]
        unique = list(dict.fromkeys(alarms))  # those of a batch are also those of the construct around it
        if unique:
            self.dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", alarms=unique, width=_WHOLE_WIDTH, height=2)
            )
        costs = _Costs(stack_of(scope).region, prices_per_hour or {}, snapshot())
        for each in shown:
            self._add(each, costs)
        self.queries = [query for each in shown for query in save_queries(self, each)] if queries else []

    def _add(self, construct: Monitored, costs: _Costs) -> None:
        known, unknown = costs.split(construct.fleets())
        text = [f"## {construct.node.path}", *(costs.told(fleet) for fleet in construct.fleets())]
        height = 1 if len(text) == 1 else 2
        self.dashboard.add_widgets(cloudwatch.TextWidget(markdown="\n".join(text), width=_WHOLE_WIDTH, height=height))
        widgets = construct.dashboard_widgets()
        if known:
            lines = [costs.so_far(fleet, index) for index, fleet in enumerate(known)]
            part = " of those whose price is known" if unknown else ""
            widgets = [*widgets, graph(f"Cost of instances so far{part}, in USD", *lines)]
        self.dashboard.add_widgets(*widgets)


class _Costs:
    """Instance hours times prices, and whose prices they are."""

    def __init__(self, region: str, given: Mapping[str, float], prices: Prices) -> None:
        self._region, self._given, self._prices = region, given, prices

    def split(self, fleets: Sequence[Fleet]) -> tuple[list[Fleet], list[Fleet]]:
        """Those whose price is known, and the others."""
        known = [fleet for fleet in fleets if self._price(fleet) is not None]
        return known, [fleet for fleet in fleets if fleet not in known]

    def so_far(self, fleet: Fleet, index: int) -> cloudwatch.IMetric:
        """The cost since the beginning of what the dashboard shows."""
        samples = f"samples{index}"
        # An instance sends one sample a minute, so that their number is minutes, however long a period is.
        each = f"{self._price(fleet)} / {_MINUTES_AN_HOUR}"
        return cloudwatch.MathExpression(
            expression=f"RUNNING_SUM(FILL({samples}, 0)) * {each}",
            using_metrics={samples: fleet.samples},
            label=fleet.instance_type,
        )

    def told(self, fleet: Fleet) -> str:
        """What is known of the price, for people."""
        name = fleet.instance_type
        if name in self._given:
            return f"{name}: {self._given[name]} USD an hour, as given."
        price = None if is_token(self._region) else self._prices.of(fleet.price_name, self._region)
        if price is not None:
            return f"{name}: {price.usd} USD an hour in {price.region} on {price.on}, by {self._prices.origin}."
        where = "in a Region that is known at deployment only" if is_token(self._region) else f"in {self._region}"
        return f"{name}: no cost is shown, as its price {where} is not known; give `prices_per_hour`."

    def _price(self, fleet: Fleet) -> float | None:
        if fleet.instance_type in self._given:
            return self._given[fleet.instance_type]
        price = None if is_token(self._region) else self._prices.of(fleet.price_name, self._region)
        return price.usd if price else None
