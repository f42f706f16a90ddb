import Foundation

/// Student's t distribution.
enum StudentT {
    /// Probability of a value at least as far from zero as `t`, either way.
    static func twoSided(_ t: Double, degrees: Int) -> Double {
        guard t.isFinite else { return t.isNaN ? 1 : 0 }
        let freedom = Double(degrees)
        return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
    }

    /// The distance from zero that is exceeded, either way, with this probability. By bisection.
    static func critical(_ probability: Double, degrees: Int) -> Double {
        var lower = 0.0
        var upper = 1e6
        for _ in 0..<200 {
            let middle = (lower + upper) / 2
            if twoSided(middle, degrees: degrees) > probability { lower = middle } else { upper = middle }
        }
        return (lower + upper) / 2
    }

    /// The regularised incomplete beta function by its continued fraction, evaluated forwards (modified Lentz).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast only on this side; the function's symmetry gives the other.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let logBeta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
        let logPowers: Double = a * log(x) + b * log(1 - x)
        let scale = exp(logPowers - logBeta) / a
        let tiny = 1e-300
        var numerator = 1.0
        var denominator = 1 - (a + b) * x / (a + 1)
        denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
        var fraction = denominator
        for step in 1...300 {
            let m = Double(step)
            let place: Double = a + 2 * m
            let even: Double = m * (b - m) * x / ((place - 1) * place)
            let odd: Double = -(a + m) * (a + b + m) * x / (place * (place + 1))
            for coefficient in [even, odd] {
                denominator = 1 + coefficient * denominator
                denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
                numerator = 1 + coefficient / numerator
                if abs(numerator) < tiny { numerator = tiny }
                fraction *= numerator * denominator
            }
            if abs(numerator * denominator - 1) < 1e-15 { break }
        }
        return scale * fraction
    }
}

extension RatioEstimate {
    /// Mean, interval and test of few log ratios, taken as normal.
    static func studentT(_ logs: [Double]) -> RatioEstimate {
        let count = Double(logs.count)
        let mean = logs.reduce(0, +) / count
        let squares = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / (count - 1) / count).squareRoot()
        let arm = StudentT.critical(Statistics.level, degrees: logs.count - 1) * error
        let probability = mean == 0 ? 1 : StudentT.twoSided(mean / error, degrees: logs.count - 1)
        return RatioEstimate(log: mean, mean - arm, mean + arm, probability, logs.count, .studentT)
    }
}
