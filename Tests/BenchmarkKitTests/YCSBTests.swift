import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct YCSBTests {
    private static func read(_ text: String, file: String = "workloads/workloada") throws(RunError) -> YCSBProperties {
        try YCSBProperties(text: text, file: file) { word, _ in "no \(word)" }
    }

    private static let counts = "recordcount=1000\noperationcount=500\n"

    @Test func theCoreWorkloadIsReadAsItIs() throws {
        let file = try Self.read(
            """
            # Yahoo! Cloud System Benchmark
            # Workload A: Update heavy workload

            recordcount=1000
            operationcount=500
            workload=site.ycsb.workloads.CoreWorkload

            readallfields=true

            readproportion=0.5
            updateproportion=0.5
            scanproportion=0
            insertproportion=0

            requestdistribution=zipfian
            """)
        let phase = file.workload.phases[0]
        #expect(file.workload.name == "workloada" && file.workload.rows == ["load-workloada", "settle", "workloada"])
        #expect(file.workload.records == 1000 && phase.operations == 500)
        #expect(file.workload.value == .bytes(1000) && file.workload.keys == .scattered)
        #expect(phase.mix == Workload.Mix([.read: 50, .update: 50]))
        #expect(phase.distribution == .zipfian(theta: 0.99))
        #expect(
            file.notes == ["workloads/workloada: readallfields has no effect: a record is one value, read whole"])
    }

    @Test func everyKeyShapesTheWorkload() throws {
        let scan = try Self.read(
            Self.counts + """
                readproportion=0
                updateproportion=0
                scanproportion: 0.95
                insertproportion = 0.05
                maxscanlength=100
                fieldcount=2
                fieldlength=50
                minfieldlength=10
                fieldlengthdistribution=zipfian
                insertorder=ordered
                requestdistribution=hotspot
                hotspotdatafraction=0.1
                """, file: "E 5.properties")
        let phase = scan.workload.phases[0]
        #expect(scan.workload.name == "e-5" && scan.workload.keys == .ordered)
        #expect(scan.workload.value == .lengths(.zipfian(20...100, theta: 0.99)))
        #expect(phase.mix == Workload.Mix([.scan: 95, .insert: 5]) && phase.scanLengths == .uniform(1...100))
        #expect(phase.distribution == .hotspot(keyFraction: 0.1, operationFraction: 0.8))
        #expect(scan.notes.isEmpty)
        let modify = try Self.read(
            Self.counts + "readproportion=0.5\nupdateproportion=0\nreadmodifywriteproportion=0.5\n"
                + "requestdistribution=exponential\nexponential.frac=0.5\n")
        #expect(modify.workload.phases[0].mix == Workload.Mix([.read: 50, .readModifyWrite: 50]))
        #expect(modify.workload.phases[0].distribution == .exponential(percentile: 95, fraction: 0.5))
    }

    @Test func sharesAreWeights() throws {
        let thirds = try Self.read(Self.counts + "readproportion=1\nupdateproportion=1\ninsertproportion=1")
        let mix = thirds.workload.phases[0].mix
        #expect(mix.isWhole && mix[.read] + mix[.update] + mix[.insert] == 100)
        #expect([33.33, 33.34].contains(mix[.read]) && [33.33, 33.34].contains(mix[.insert]))
        #expect(thirds.notes.count == 1)
        let usual = try Self.read(Self.counts)
        #expect(usual.workload.phases[0].mix == Workload.Mix([.read: 95, .update: 5]) && usual.notes.isEmpty)
        let fine = try Self.read(Self.counts + "readproportion=0.9975\nupdateproportion=0.0025")
        #expect(fine.workload.phases[0].mix.text == "read=99.75,update=0.25")
    }

    @Test(arguments: [
        ("operationcount=1", "recordcount is missing, and YCSB has no default for it: write a whole number from 1 to"),
        ("recordcount=ten\noperationcount=1", "recordcount is \"ten\": write a whole number from 1 to"),
        (counts + "readpropotion=1", "readpropotion is no key of YCSB's core workload: no readpropotion"),
        (counts + "readproportion=-1", "readproportion is \"-1\": write a share such as 0.95"),
        (counts + "readproportion=0\nupdateproportion=0", "its proportions are all 0: give readproportion or another"),
        (counts + "requestdistribution=zipf", "requestdistribution is \"zipf\": no zipf"),
        (counts + "insertorder=random", "insertorder is \"random\": no random"),
        (counts + "workload=site.ycsb.workloads.TimeSeriesWorkload", "workload is \"site.ycsb.workloads.TimeSeries"),
        (counts + "fieldlengthdistribution=histogram", "fieldlengthdistribution is \"histogram\": write constant,"),
        (counts + "scanlengthdistribution=pareto", "scanlengthdistribution is \"pareto\": write uniform, zipfian"),
        (counts + "fieldcount=1000000\nfieldlength=100", "fieldlength is \"100\": 1000000 fields of it are more than"),
        (counts + "hotspot", "line 3 is \"hotspot\": write it as key=value"),
        (
            counts + "requestdistribution=zipfian\nzipfianconstant=0",
            "zipfianconstant is \"0\": write a number above 0.0, at most 10.0"
        ),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let error = #expect(throws: RunError.self) { try Self.read(text, file: "a.properties") }
        #expect(error?.message.hasPrefix("a.properties: " + message) == true, "\(error?.message ?? "")")
    }
}
