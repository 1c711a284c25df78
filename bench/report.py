"""Medians, ratios to the best peer of the same run, and which targets are met."""

import statistics

from job import RSS_MIB_MAX

MIB = 1024 * 1024
# Peak memory must not grow with the audience. Two runs of the same size differ by so much.
GROWTH_NOISE = 0.10


def print_job(job, results):
    """Prints one job's table and targets; returns how many targets were missed and how many contenders went wrong."""
    print(f"\n## {job.name}: {job.title}\n")
    header = ["contender", "runs", "wall s", "CPU s (min..max)", "wall ratio", "CPU ratio", "peak RSS MiB", "MB out"]
    rows, medians = [], {name: median(result) for name, result in results.items() if result.costs}
    peers = [medians[name] for name in medians if name != "outflow"]
    best = {key: min((peer[key] for peer in peers), default=None) for key in ["wall", "cpu", "bytes"]}
    for name, it in sorted(medians.items(), key=lambda pair: pair[1]["cpu"]):
        cpu = f"{it['cpu']:.2f} ({it['cpu_min']:.2f}..{it['cpu_max']:.2f})"
        ratios = [ratio_text(it[key], best[key]) for key in ["wall", "cpu"]]
        sizes = [f"{it['rss']:.0f}", f"{it['bytes'] / 1e6:.1f}"]
        rows.append([name, str(it["runs"]), f"{it['wall']:.2f}", cpu, *ratios, *sizes, results[name].verdict()])
    print_table([*header, "output"], rows)
    wrong = [name for name, result in results.items() if result.problem()]
    for name in wrong:
        print(f"{name}: {results[name].problem()}")
    return print_targets(job, medians.get("outflow"), best), len(wrong)


def print_stream(job, results):
    """Likewise of a job that sends messages: ratios are to the vendor's client in Rust."""
    print(f"\n## {job.name}: {job.title}\n")
    header = ["contender", "runs", "messages per CPU s", "CPU s (min..max)", "wall s", "CPU ratio", "wall ratio"]
    medians = {name: median(result) for name, result in results.items() if result.costs}
    bare, rows = medians.get(next(iter(job.peers)), {}), []
    for name, it in sorted(medians.items(), key=lambda pair: pair[1]["cpu"]):
        speed = f"{results[name].outputs[0]['now'] / max(it['cpu'], 0.01):,.0f}"
        cpu = f"{it['cpu']:.2f} ({it['cpu_min']:.2f}..{it['cpu_max']:.2f})"
        ratios = [ratio_text(it[key], bare.get(key)) for key in ["cpu", "wall"]]
        sizes = [f"{it['rss']:.0f}", f"{it['bytes'] / 1e6:.1f}"]
        rows.append([name, str(it["runs"]), speed, cpu, f"{it['wall']:.2f}", *ratios, *sizes, results[name].verdict()])
    print_table([*header, "peak RSS MiB", "MB out", "messages"], rows)
    wrong = [name for name, result in results.items() if result.problem()]
    for name in wrong:
        print(f"{name}: {results[name].problem()}")
    targets, product = [], medians.get("outflow")
    if product and bare:
        targets.append((f"CPU to that of {next(iter(job.peers))}", product["cpu"] / bare["cpu"], job.cpu_max))
    if product:
        targets.append(("peak RSS in MiB", product["rss"], job.rss_mib_max))
    return told(targets), len(wrong)


def print_targets(job, product, best):
    if product is None:
        return 0
    targets = []
    if job.cpu_max is not None and best["cpu"] is not None:
        targets.append(("CPU to the best peer's", product["cpu"] / best["cpu"], job.cpu_max))
    if job.wall_max is not None and best["wall"] is not None:
        targets.append(("wall time to the best peer's", product["wall"] / best["wall"], job.wall_max))
    if job.gzip and best["bytes"] is not None:
        targets.append(("bytes to the best peer's", product["bytes"] / best["bytes"], 1.0))
    targets.append(("peak RSS in MiB", product["rss"], job.rss_mib_max))
    return told(targets)


def print_memory(costs):
    """`costs` maps numbers of profiles to what the product cost; returns how many targets were missed."""
    costs = dict(sorted(costs.items()))
    print("\n## memory: deduplicated, CSV to a folder, by number of profiles\n")
    header = ["profiles", "wall s", "CPU s", "peak RSS MiB"]
    rows = [[f"{n:,}", f"{c.wall_secs:.2f}", f"{c.cpu_secs:.2f}", f"{c.rss_bytes / MIB:.0f}"] for n, c in costs.items()]
    print_table(header, rows)
    peaks = [cost.rss_bytes / MIB for cost in costs.values()]
    targets = [("peak RSS in MiB", max(peaks), RSS_MIB_MAX)]
    if len(peaks) > 1:
        # The first million fills the buffers; from then on more profiles must not take more.
        growth = peaks[-1] / peaks[-2] - 1
        targets.append(("growth of peak RSS from the second largest size to the largest", growth, GROWTH_NOISE))
    return told(targets)


def print_refreshes(refreshes):
    """`refreshes` are pairs of what was refreshed and what it cost. There is nothing to compare them with."""
    print("\n## refresh: from the files to a snapshot of profiles\n")
    rows = [[what, f"{c.wall_secs:.2f}", f"{c.cpu_secs:.2f}", f"{c.rss_bytes / MIB:.0f}"] for what, c in refreshes]
    print_table(["profiles", "wall s", "CPU s", "peak RSS MiB"], rows)


def print_latencies(latencies, of):
    """`of` says how many clients there were, and what is wanted; returns how many targets were missed."""
    print(f"\n## api: {of.FLOWS:,} flows, {of.CLIENTS} clients at once\n")
    rows = [[it.name, str(it.requests), *(f"{ms:.1f}" for ms in (it.p50_ms, it.p99_ms, it.most_ms))] for it in latencies]
    print_table(["request", "requests", "p50 ms", "p99 ms", "most ms"], rows)
    return told([(f"p99 in ms of {it.name}", it.p99_ms, of.P99_MS_MAX) for it in latencies])


def told(targets):
    """Prints targets, triples of name, value and the most that it may be; returns how many were missed."""
    print()
    for name, value, most in targets:
        print(f"target: {name} {value:.2f}, at most {most:.2f}: {'pass' if value <= most else 'MISS'}")
    return sum(value > most for _, value, most in targets)


def median(result):
    def of(values):
        return statistics.median(values)

    cpu = [cost.cpu_secs for cost in result.costs]
    return {
        "runs": len(cpu),
        "wall": of([cost.wall_secs for cost in result.costs]),
        "cpu": of(cpu),
        "cpu_min": min(cpu),
        "cpu_max": max(cpu),
        "rss": max(cost.rss_bytes for cost in result.costs) / MIB,
        "bytes": of(result.bytes),
    }


def ratio_text(value, best):
    return "-" if best is None else f"{value / best:.2f}"


def print_table(header, rows):
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |")
