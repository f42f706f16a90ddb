import Foundation

extension IndexKeySet {
    /// `count` distinct keys in ascending order, the same for the same seed. O(n log n).
    func keys(_ count: Int, seed: UInt64) -> [Int64] {
        let all = Int64(count)
        switch self {
        case .sequential, .bitReversed, .zigZag: return (0..<all).map { $0 }
        case .denseFar: return (0..<all).map { 1 << 62 + $0 }
        case .oneFar: return (0..<(all - 1)).map { $0 } + [.max]
        case .alternatingEnds:
            let low = (all + 1) / 2
            return (0..<low).map { .min + $0 } + (0..<(all - low)).reversed().map { .max - $0 }
        case .extremes:
            let third = all / 3
            let middle = all - 2 * third
            return (0..<third).map { .min + $0 } + (0..<middle).map { $0 - middle / 2 }
                + (0..<third).reversed().map { .max - $0 }
        case .exponentialSteps, .heldOutPareto, .heldOutSteps: return stepped(count, seed)
        default: return drawn(count, seed)
        }
    }

    /// Keys made from left to right by random gaps above 0.
    private func stepped(_ count: Int, _ seed: UInt64) -> [Int64] {
        var random = SplitMix(seed: seed)
        var key: Int64 = 0
        var runLeft: UInt64 = 0
        var spread: UInt64 = 1
        return (0..<count).map { rank in
            switch self {
            case .heldOutPareto: key += Int64(min(1e9, pow(random.unit(), -1 / 1.1)))
            case .exponentialSteps:
                // Gaps from 1 to 2^31 on average: 2^36 keys fit into Int64.
                spread = 1 << UInt64(rank * 32 / count)
                key += 1 + Int64(random.below(2 * spread - 1))
            default:
                if runLeft == 0 {
                    runLeft = 50 + random.below(4_951)
                    spread = 1 << random.below(21)
                }
                runLeft -= 1
                key += 1 + Int64(random.below(2 * spread - 1))
            }
            return key
        }
    }

    /// Keys drawn one by one, drawn again where two fall together.
    private func drawn(_ count: Int, _ seed: UInt64) -> [Int64] {
        var random = SplitMix(seed: seed)
        let towns = Towns(self, &random)
        var keys = (0..<count).map { key($0, count, towns, &random) }
        while true {
            keys.sort()
            var kept = 0
            for key in keys where kept == 0 || keys[kept - 1] != key {
                keys[kept] = key
                kept += 1
            }
            keys.removeLast(keys.count - kept)
            if kept == count { return keys }
            // Drawn again anywhere: the numbers that are left might crowd into places that are full.
            for _ in kept..<count { keys.append(key(Int(random.below(UInt64(count))), count, towns, &random)) }
        }
    }

    private func key(_ number: Int, _ count: Int, _ towns: Towns, _ random: inout SplitMix) -> Int64 {
        switch self {
        case .timestamps:
            return 1_700_000_000_000_000 + Int64(number) * 1_000 + Int64(random.below(10_001)) - 5_000
        case .lognormal: return Int64(min(exp(2 * random.normal()) * 1e9, 9e18))
        case .clusters:
            let place = towns.centres[Int(random.below(UInt64(towns.centres.count)))].x
            return Int64(place) + Int64(random.below(UInt64(count) * 16 / 100 + 100))
        case .outliers:
            if random.below(10_000) == 0 { return Int64(bitPattern: random.next()) }
            return Int64(number) * 4 + Int64(random.below(8))
        case .fullRange: return Int64(bitPattern: random.next())
        case .twoFar:
            let place = Int64(random.below(4 * UInt64(count)))
            return random.below(2) == 0 ? .min + place : .max - place
        case .exponential: return Int64(bitPattern: random.next()) >> Int64(random.below(63))
        case .zOrder: return towns.point(&random).zOrder
        case .heldOutHilbert: return towns.point(&random).hilbertOrder
        case .heldOutNormal: return Int64(random.normal() * 0x1p58)
        default: return Int64(random.below(1 << 50))
        }
    }
}

/// Places on a grid of 2^31 by 2^31 and points around them.
private struct Towns {
    private(set) var centres: [GridPoint] = []
    private var sizes: [Double] = []

    init(_ set: IndexKeySet, _ random: inout SplitMix) {
        let counts: [IndexKeySet: Int] = [.clusters: 100, .zOrder: 1_000, .heldOutHilbert: 3_000]
        for _ in 0..<counts[set, default: 0] {
            // Clusters lie on a line, which is longer than the grid.
            let side: UInt64 = set == .clusters ? 1 << 60 : 1 << 31
            centres.append(GridPoint(x: random.below(side), y: random.below(side)))
            // Many small towns, few large.
            let exponent = set == .zOrder ? 0.5 : 0.8
            sizes.append(min(0x1p27, 0x1p19 * pow(random.unit(), -exponent)))
        }
    }

    func point(_ random: inout SplitMix) -> GridPoint {
        let town = Int(random.below(UInt64(centres.count)))
        func near(_ centre: UInt64) -> UInt64 {
            UInt64(min(max(Double(centre) + sizes[town] * random.normal(), 0), 0x1p31 - 1))
        }
        return GridPoint(x: near(centres[town].x), y: near(centres[town].y))
    }
}

/// A place on the grid, and its number on two curves that fill the plane.
private struct GridPoint {
    var x: UInt64
    var y: UInt64

    /// The bits of both by turns (Morton, 1966).
    var zOrder: Int64 {
        var order: UInt64 = 0
        for bit in UInt64(0)..<31 { order |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1) }
        return Int64(order)
    }

    /// The distance along the curve of Hilbert (1891): quadrant by quadrant, each turned so that neighbours join.
    var hilbertOrder: Int64 {
        var order: UInt64 = 0
        var (x, y) = (x, y)
        for bit in (UInt64(0)..<31).reversed() {
            let right = x >> bit & 1
            let upper = y >> bit & 1
            order = order << 2 | (3 * right ^ upper)
            if upper == 0 {
                if right == 1 { (x, y) = (~x & 0x7FFF_FFFF, ~y & 0x7FFF_FFFF) }
                swap(&x, &y)
            }
        }
        return Int64(order)
    }
}

extension SplitMix {
    /// A standard normal variate (Box and Muller, 1958).
    mutating func normal() -> Double {
        (-2 * log(unit())).squareRoot() * cos(2 * Double.pi * unit())
    }
}
