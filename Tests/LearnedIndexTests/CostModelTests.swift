import LearnedIndex
import Testing

/// The cost model's decisions are the thresholds that the article's figures were measured with: whoever changes a
/// constant sees here what it changes.
@Suite struct CostModelTests {
    @Test func decisionsAreThoseThatWereMeasured() {
        #expect(CostModel.shiftsPerSlotMax == 16)
        #expect(CostModel.mergeShare == 12)
        #expect(CostModel.errorBitsMax == 3)
    }
}
