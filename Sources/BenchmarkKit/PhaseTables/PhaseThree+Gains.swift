/// What was left to gain after zero-copy, and what it had saved.
extension PhaseThree {
    private typealias Engines = PhaseEngines

    static func remaining(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.6", "what was left to gain, projected beside measured, 1M records")
        let row = "phase-query"
        section.figure(data, row, records, Engines.zeroCopy, as: "where it starts", published: 905)
        section.immeasurable(
            "cache tuning of the index, saved", Engines.zeroCopy, published: 80,
            why: "the index is this project's own on every rung, so no rung is without its tuning")
        section.immeasurable(
            "cache tuning of the index, result", Engines.zeroCopy, published: 825,
            why: "for the same reason; the lookup is in P3.3, beside the published 350 ns")
        let found = PhaseOne.apart(&section, data, Explanation.query, Engines.zeroCopy, records)
        section.part("bounds checks left out, saved", Engines.zeroCopy, found, ["check"], published: (35, 905))
        var unchecked = PhaseSection.Line(
            what: "bounds checks left out, result: the query less its check", system: Engines.zeroCopy,
            unit: .nanoseconds, published: 790)
        if let found, let checks = found.breakdown.nanoseconds(["check"]) {
            unchecked.measured = MedianInterval(zip(found.breakdown.wholes, checks).map { $0 - $1 }).map { .init($0) }
            unchecked.source = found.name
        }
        section.add(unchecked)
        section.immeasurable(
            "prefetch of the map, saved", Engines.zeroCopy, published: 30,
            why: "no rung prefetches: a single query has nothing else to do while it waits")
        section.immeasurable(
            "prefetch of the map, result", Engines.zeroCopy, published: 760,
            why:
                "for the same reason; reads that advance together are measured by 'alexbench index', row lookup-batched"
        )
        keyFirst(&section, data, row)
        section.figure(data, row, records, Engines.current, as: "the engine as it is")
        section.say(
            "The document's results add up, each holds the savings above it; measured is each by itself, less than "
                + "zero-copy.")
        section.reckon([
            Published.Sum(text: "905 − 80, ns", published: 825, recomputed: 905 - 80),
            Published.Sum(text: "825 − 35, ns", published: 790, recomputed: 825 - 35),
            Published.Sum(text: "790 − 30, ns", published: 760, recomputed: 790 - 30),
            Published.Sum(text: "760 − 40, ns", published: 720, recomputed: 760 - 40),
        ])
        return section
    }

    /// The key before the length: what it saves of a query, and the query with it.
    private static func keyFirst(_ section: inout PhaseSection, _ data: PhaseData, _ row: String) {
        var line = PhaseSection.Line(
            what: "the key before the length, saved", system: Engines.keyFirst, unit: .nanoseconds, published: 40)
        if let place = data.place(row, records), let saved = difference(place, Engines.zeroCopy, Engines.keyFirst) {
            line.measured = .init(saved)
            line.source = place.name
            let (before, after) = (place.times(Engines.zeroCopy), place.times(Engines.keyFirst))
            let shares = before.compactMap { number, time in after[number].map { 100 * (time - $0) / time } }
            if let share = MedianInterval(shares) {
                section.judge(&line, share: 100 * 40 / 905, .init(share), of: "a query")
            }
        }
        section.add(line)
        section.figure(data, row, records, Engines.keyFirst, as: "the key before the length, result", published: 720)
    }

    static func savings(_ data: PhaseData) -> PhaseSection {
        var section = PhaseSection("P3.7", "what zero-copy saved, in parts, 1M records")
        let row = "phase-query"
        let found = PhaseOne.apart(&section, data, Explanation.query, Engines.deferred, records)
        section.part("allocation", Engines.deferred, found, ["allocation"], published: (20, 1_051))
        section.part("copy of the bytes", Engines.deferred, found, ["copy"], published: (15, 1_051))
        for (what, key, published) in [
            ("compiler's optimisations", "compiler", 30.0), ("cache effects", "cache", 50),
            ("branch prediction", "branches", 25), ("TLB", "TLB", 6),
        ] {
            section.immeasurable(
                what, Engines.deferred, published: published, why: Published.immeasurable[key] ?? "")
        }
        let copying = found?.breakdown.combined(["allocation", "copy"]).map { PhaseSection.Measured($0) }
        section.part(
            "what can be run apart: allocation and copy", Engines.deferred, found, ["allocation", "copy"],
            published: (35, 1_051))
        var total = PhaseSection.Line(
            what: "all of it: deferred less zero-copy", system: Engines.zeroCopy, unit: .nanoseconds, published: 146)
        if let place = data.place(row, records),
            let saved = difference(place, Engines.deferred, Engines.zeroCopy).map({ PhaseSection.Measured($0) })
        {
            section.note(place.name, place.result)
            total.measured = saved
            total.source = place.name
            if let copying { section.say(compare(copying, saved)) }
        } else {
            section.need(row, records)
        }
        section.add(total)
        section.claim(
            data, row, records, Engines.zeroCopy, fasterThan: Engines.deferred, published: 1_051.0 / 905)
        section.reckon([
            Published.Sum(
                text: "20 + 15 + 30 + 50 + 25 + 6, ns", published: 146, recomputed: 20 + 15 + 30 + 50 + 25 + 6),
            Published.Sum(text: "1 051 − 905, ns", published: 146, recomputed: 1_051 - 905),
            Published.Sum(text: "146 ÷ 1 051, %", published: 14, recomputed: 14_600.0 / 1_051),
        ])
        return section
    }

    /// Whether allocation and copy, measured in one run, are what zero-copy saved in another.
    private static func compare(_ parts: PhaseSection.Measured, _ saved: PhaseSection.Measured) -> String {
        let what =
            "Allocation and copy are \(PhaseSection.spelt(parts, .nanoseconds)) of a query that is taken apart, "
            + "zero-copy saved \(PhaseSection.spelt(saved, .nanoseconds)) in another run"
        if parts.lower <= saved.upper, saved.lower <= parts.upper {
            return what + ": the two explain it, where the document has them explain 35 of 146."
        }
        return parts.value > saved.value
            ? what + ": more than it saved, so part of their cost is not lost with them."
            : what + ": the rest is in no part that can be run."
    }
}
