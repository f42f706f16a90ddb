import AlexStorage
import Testing

/// One step on store and model.
enum ModelOperation {
    case put(Int64, [UInt8])
    case batch([(key: Int64, value: [UInt8])])
    case remove(Int64)
    case get(Int64)
    case scan(ClosedRange<Int64>, descending: Bool)
    case sync
    case compact(CompactionPolicy)
    case reopenClean
    case reopenCrashed

    static func random(_ generator: inout SeededGenerator) -> ModelOperation {
        let key = Self.key(&generator)
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<40: return .put(key, Self.value(&generator))
        case ..<50:
            let count = Int.random(in: 0...6, using: &generator)
            return .batch((0..<count).map { _ in (Self.key(&generator), Self.value(&generator)) })
        case ..<65: return .remove(key)
        case ..<85: return .get(key)
        case ..<92:
            let other = Self.key(&generator)
            return .scan(min(key, other)...max(key, other), descending: Bool.random(using: &generator))
        case ..<94: return .sync
        case ..<95:
            var policy = CompactionPolicy(garbageShareMin: [0, 0, 0.1, 0.5].randomElement(using: &generator) ?? 0)
            if Bool.random(using: &generator) { policy.inputBytesMax = Int.random(in: 1...60_000, using: &generator) }
            policy.sealsTail = Bool.random(using: &generator)
            return .compact(policy)
        case ..<97: return .reopenClean
        default: return .reopenCrashed
        }
    }

    private static func key(_ generator: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: .min
        case 1: .max
        default: Int64.random(in: -40...40, using: &generator)
        }
    }

    private static func value(_ generator: inout SeededGenerator) -> [UInt8] {
        let longest = Int.random(in: 0..<30, using: &generator) == 0 ? 30_000 : 300
        let count = Int.random(in: 0...longest, using: &generator)
        let first = UInt8.random(in: 0...255, using: &generator)
        return (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0) }
    }
}

@Suite struct ModelTests {
    /// The same operations on a store and on a dictionary, with the store closed or abandoned at any point.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64], [Durability.process, .power])
    func storeAgreesWithDictionary(seed: UInt64, durability: Durability) throws {
        let directory = try ScratchDirectory()
        var generator = SeededGenerator(state: seed)
        var options = tinyOptions()
        options.durability = durability
        options.checksOnRead = seed % 2 == 0
        options.growsInBackground = seed % 3 == 0
        var store: AlexStore? = try AlexStore(directory: directory.path, options: options)
        var model: [Int64: [UInt8]] = [:]
        for step in 0..<600 {
            let operation = ModelOperation.random(&generator)
            switch operation {
            case .reopenClean:
                try store?.close()
                store = nil
                store = try AlexStore(directory: directory.path, options: options)
                #expect(store?.recovery.wasClean == true, "seed \(seed) step \(step)")
            case .reopenCrashed:
                store = nil
                store = try AlexStore(directory: directory.path, options: options)
                #expect(store?.recovery.cut == nil, "seed \(seed) step \(step): \(String(describing: store?.recovery))")
            default:
                try apply(operation, store!, &model, "seed \(seed) step \(step)")
            }
            #expect(store?.count == model.count, "seed \(seed) step \(step)")
        }
        let expected = model.sorted { $0.key < $1.key }
        let found = try store!.contents()
        #expect(found.map(\.key) == expected.map(\.key), "seed \(seed)")
        #expect(found.map(\.value) == expected.map(\.value), "seed \(seed)")
        try store?.close()
    }

    private func apply(
        _ operation: ModelOperation, _ store: AlexStore, _ model: inout [Int64: [UInt8]], _ place: String
    ) throws {
        switch operation {
        case .put(let key, let value):
            try store.put(value, forKey: key)
            model[key] = value
        case .batch(let pairs):
            try store.putBatch(pairs)
            for pair in pairs { model[pair.key] = pair.value }
        case .remove(let key):
            let was = try store.remove(key)
            #expect(was == (model.removeValue(forKey: key) != nil), "\(place)")
        case .get(let key):
            #expect(try store.bytes(forKey: key) == model[key], "\(place)")
            #expect(try store.contains(key) == (model[key] != nil), "\(place)")
            let pin = store.pin()
            let span = try pin.value(forKey: key)
            #expect(span?.byteCount == model[key]?.count, "\(place)")
        case .scan(let range, let descending):
            var found: [Int64] = []
            try store.scan(in: range, descending: descending) { key, value in
                #expect(Array(value) == model[key], "\(place)")
                found.append(key)
                return true
            }
            let inRange = model.keys.filter(range.contains).sorted()
            #expect(found == (descending ? inRange.reversed() : inRange), "\(place)")
        case .sync: try store.sync()
        case .compact(let policy):
            try store.compact(policy)
            #expect(try store.verify().damage == nil, "\(place)")
        case .reopenClean, .reopenCrashed: break
        }
    }
}
