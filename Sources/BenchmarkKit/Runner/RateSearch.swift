/// Looks for the highest rate at which something holds, in a fixed number of steps.
///
/// 1. Begin below the rate of the closed loop, which no open loop can pass, and go down until a rate holds.
/// 2. Halve the range between the highest rate that held and the lowest that did not, in its logarithm, until it is
///    narrower than `tolerance`.
/// 3. Check the highest rate that held again, in steps of their own. Where it fails, go down to its `retreat` and check
///    that. The answer is a rate that held in the last check: noise can make it too low, hardly too high.
///
/// Where nothing holds down to `floorShare` of the closed loop's rate, the answer is that nothing does.
struct RateSearch {
    /// The range's width at which the halving ends.
    static let tolerance = 1.02
    /// The last steps, kept for the check.
    static let checks = 3
    /// A failed check goes down to this share.
    static let retreat = 0.9
    /// The first step, and each until one holds, goes to this share of the lowest rate that failed.
    static let descent = 0.6
    /// The closed loop's rate is a sample too, and may have been low by this.
    static let margin = 1.1
    static let floorShare = 1.0 / 16

    /// The rate to try next.
    private(set) var candidate: Double
    /// The rate that the last check confirmed.
    private(set) var answer: Double?
    private var held = 0.0
    private var failed: Double
    private let floor: Double
    private var stepsLeft: Int
    private var isChecking = false
    private var isHopeless: Bool

    /// - Parameters:
    ///   - closedLoopRate: Operations a second of the closed loop.
    ///   - isHopeless: The closed loop's own times don't hold, so no rate will: steps run as fast as they can.
    init(closedLoopRate: Double, steps: Int, isHopeless: Bool) {
        failed = closedLoopRate * Self.margin
        floor = closedLoopRate * Self.floorShare
        candidate = isHopeless ? closedLoopRate : failed * Self.descent
        stepsLeft = steps
        self.isHopeless = isHopeless
    }

    /// Takes in what the step at `candidate` came to.
    mutating func note(holds: Bool) {
        stepsLeft -= 1
        if isHopeless { return }
        if isChecking {
            answer = holds ? candidate : nil
            if !holds { candidate *= Self.retreat }
            return
        }
        if holds { held = candidate } else { failed = candidate }
        if held == 0, candidate <= floor || stepsLeft <= Self.checks {
            isHopeless = true
            candidate = floor / Self.floorShare
        } else if held == 0 {
            candidate = max(failed * Self.descent, floor)
        } else if failed / held < Self.tolerance || stepsLeft <= Self.checks {
            isChecking = true
            candidate = held
        } else {
            candidate = (held * failed).squareRoot()
        }
    }
}
