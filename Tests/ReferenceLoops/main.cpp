// Runs one workload of alexbench on one engine: load, settle, then each phase's passes, as alexbench orders them.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>

#include "engines.hpp"

// alexbench's shape of a run: operations a slice and a batch, of a phase, of its shorter passes, of its warm-up.
constexpr uint64_t sliceOperations = 10000, operationsLimit = 250000, shortPass = 50000, warmUpLimit = 20000;
constexpr uint32_t valueBytes = 100;

static uint64_t mismatches = 0, readSum = 0;

// Two FIFOs through which this program and alexbench measure in turns, slice by slice: see TurnRelay.swift.
struct Turns {
    FILE *incoming = nullptr, *outgoing = nullptr;
    static constexpr int end = 255, anywhere = 254;
    void take() {
        if (!incoming) return;
        int processor = fgetc(incoming);
        if (processor == end || processor == EOF) {
            incoming = nullptr;
            return;
        }
        cpu_set_t before, alone;
        if (processor == anywhere || processor == sched_getcpu()) return;
        if (sched_getaffinity(0, sizeof before, &before)) return;
        CPU_ZERO(&alone);
        CPU_SET(processor, &alone);
        if (sched_setaffinity(0, sizeof alone, &alone) == 0) sched_setaffinity(0, sizeof before, &before);
    }
    void passOn() {
        if (incoming && fputc(std::min(sched_getcpu(), int(anywhere)), outgoing) != EOF) take();
    }
} static turns;

static double now() {
    using namespace std::chrono;
    return double(duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

// Runs one operation and checks its answer. Returns the last word of the value that was read.
template <class Engine> inline uint64_t perform(Engine &engine, const Stream &stream, const Operation &operation) {
    uint64_t word = 0;
    switch (operation.kind) {
    case read:
    case readAbsent: {
        bool isRight = false;
        bool isThere = engine.get(operation.key, [&](int64_t, const void *bytes, size_t count) {
            if (count >= 8) memcpy(&word, static_cast<const uint8_t *>(bytes) + count - 8, 8);
            isRight = count == operation.length && Value(operation.record).matches(bytes, count);
        });
        if (isThere != (operation.kind == read) || isThere != isRight) ++mismatches;
        readSum += word;
        break;
    }
    case scan: {
        uint64_t found = 0, wrong = 0, sum = 0;
        int64_t last = operation.key;
        engine.scan(operation.key, operation.length, [&](int64_t key, const void *bytes, size_t count) {
            if (found == 0 ? key != last : key <= last) ++wrong;
            last = key;
            if (!Value::matchesAnyVersion(stream.record(key), bytes, count)) ++wrong;
            if (count) sum += static_cast<const uint8_t *>(bytes)[count - 1];
            ++found;
        });
        if (found == 0 || wrong) ++mismatches;
        readSum += sum;
        break;
    }
    default: engine.put(operation.key, stream.values.data() + operation.valueOffset, operation.length);
    }
    return word;
}

template <class Engine>
double pass(Engine &engine, Stream &stream, uint64_t operations, bool isDependent) {
    double elapsed = 0;
    for (uint64_t rest = operations; rest > 0;) {
        turns.passOn();
        stream.make(std::min(rest, sliceOperations));
        rest -= stream.operations.size();
        double begin = now();
        uint64_t carried = 0;
        for (auto operation : stream.operations) {
            operation.key ^= int64_t(carried);
            uint64_t word = perform(engine, stream, operation);
            if (!isDependent) continue;
            // Always zero, which the compiler can't know: the next key waits for this value.
            carried = word;
            asm volatile("" : "+r"(carried));
            carried ^= word;
        }
        elapsed += now() - begin;
    }
    return elapsed / double(operations);
}

template <class Engine>
void run(Engine &engine, const std::string &name, const std::string &workload, uint64_t records, uint64_t seed) {
    auto row = [&](const char *phase, const char *metric, double value) {
        printf("%s,%s,process,%" PRIu64 ",%u,1,1,%s,%.1f,ns\n", phase, name.c_str(), records, valueBytes, metric,
               value);
    };
    uint64_t operations = std::min(std::max<uint64_t>(records, 1), operationsLimit);
    std::vector<Phase> phases;
    if (workload == "query") {
        phases = {{"query", operations, {100}}, {"query-miss", operations, {0, 100}},
                  {"scan-100", std::max<uint64_t>(operations / 100, 1), {0, 0, 0, 0, 0, 100}}};
    } else {
        phases = {{"mixed", operations, {80, 0, 20}}};
    }
    printf("workload,backend,durability,scale,value_bytes,threads,repeat,metric,value,unit\n");
    Stream stream(seed, valueBytes);
    double elapsed = 0;
    for (uint64_t rest = records; rest > 0;) {
        turns.passOn();
        stream.make(std::min(rest, sliceOperations));
        rest -= stream.operations.size();
        double begin = now();
        engine.load(stream);
        elapsed += now() - begin;
    }
    row("load-random", "ns_per_op", elapsed / double(records));
    double begin = now();
    engine.settle();
    row("settle", "ns_per_op", (now() - begin) / double(records));
    for (auto &phase : phases) {
        uint64_t shorter = std::min(phase.operations, std::max(phase.operations / 10, shortPass));
        stream.begin(phase);
        pass(engine, stream, std::min(phase.operations / 10, warmUpLimit), false);
        row(phase.name, "ns_per_op", pass(engine, stream, phase.operations, false));
        if (phase.mix[read] + phase.mix[readAbsent] > 0) {
            row(phase.name, "dependent_ns_per_op", pass(engine, stream, shorter, true));
        }
        // alexbench's latency pass: run for the stream's sake, not measured here.
        pass(engine, stream, shorter, false);
    }
    fprintf(stderr, "stream hash %016" PRIx64 ", wrong answers %" PRIu64 ", sum %" PRIx64 "\n", stream.hash, mismatches,
            readSum);
}

int main(int count, char **arguments) {
    if (count != 6 && count != 8) {
        fprintf(stderr, "usage: loops ENGINE query|mixed RECORDS SEED FOLDER [FIFO-TO-READ FIFO-TO-WRITE]\n");
        return 64;
    }
    if (count == 8) {
        // Opened at both ends, so that opening does not wait for the other program.
        turns.incoming = fopen(arguments[6], "r+");
        turns.outgoing = fopen(arguments[7], "r+");
        if (!turns.incoming || !turns.outgoing) {
            fprintf(stderr, "loops: %s or %s can't be opened\n", arguments[6], arguments[7]);
            return 1;
        }
        setvbuf(turns.incoming, nullptr, _IONBF, 0);
        setvbuf(turns.outgoing, nullptr, _IONBF, 0);
        turns.take();
    }
    std::string engine = arguments[1], workload = arguments[2], folder = arguments[5];
    uint64_t records = strtoull(arguments[3], nullptr, 10), seed = strtoull(arguments[4], nullptr, 10);
    bool isTuned = engine.size() > 6 && engine.substr(engine.size() - 6) == "-tuned";
    std::string family = engine.substr(0, engine.find('-'));
    if (records == 0 || (workload != "query" && workload != "mixed")) {
        fprintf(stderr, "loops: '%s' of %s records is no workload: query or mixed, of one record or more\n",
                workload.c_str(), arguments[3]);
        return 64;
    }
    if (family == "rocksdb") {
        RocksDBEngine store(folder, isTuned, records);
        run(store, engine, workload, records, seed);
    } else if (family == "sqlite") {
        SQLiteEngine store(folder, isTuned, records);
        run(store, engine, workload, records, seed);
    } else if (family == "lmdb") {
        LMDBEngine store(folder, isTuned, records);
        run(store, engine, workload, records, seed);
    } else {
        fprintf(stderr, "loops: no engine '%s': rocksdb, sqlite, lmdb, each with or without -tuned\n", engine.c_str());
        return 64;
    }
    return mismatches == 0 ? 0 : 3;
}
