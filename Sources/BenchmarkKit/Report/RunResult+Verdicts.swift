extension RunResult {
    /// The short answer: a sentence for each row that can be told, the best rival named.
    public var verdicts: [String] { ResultReport(self).verdicts }
}
