extension Command {
    /// `alexbench store ACTION DIRECTORY [TARGET]`.
    static let store = Command(
        name: "store", summary: "look into a store of AlexStorage, check, compact, copy it, save what is left of it",
        discussion: """
            stats DIRECTORY           counts keys, segments and bytes
            verify DIRECTORY          reads the whole log again and holds it against the index
            compact DIRECTORY         writes every live record anew in the order of the keys, gives the rest back
            backup DIRECTORY TARGET   copies the store into an empty or new directory and checks the copy
            salvage DIRECTORY TARGET  saves every whole record of a damaged store into a new one; changes nothing there
            dump DIRECTORY            writes the pairs in the order of their keys

            All but salvage open the store, which recovers it after a crash as every open does, and lock it meanwhile.
            Ends with 0 when all is sound, 4 when something is damaged (what salvage could save is in TARGET even so), 1
            when the directory is no store, is open elsewhere or has a newer format.
            """,
        operands: Operands(
            usage: "\(StoreAction.allCases.map(\.rawValue).joined(separator: "|")) DIRECTORY [TARGET]", count: 2...3,
            completion: .file),
        flags: [Flags.storeFormat, Flags.output, Flags.encoding, Flags.from, Flags.to, Flags.limit, Flags.noProgress],
        examples: [
            "alexbench store verify data --format json", "alexbench store backup data data-backup",
            "alexbench store salvage data data-saved", "alexbench store dump data --from 0 --limit 10",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        try StoreRun(arguments).run()
    }
}
