extension StoreCommitter {
    /// Inserts or overwrites all pairs as one unit, without arrays: see ``AlexStore/putBatch(count:key:value:)``. `key`
    /// and `value` must not use the store.
    public func putBatch(
        count: Int, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) {
        if store.group != nil { return try store.putBatch(count: count, key: key, value: value) }
        try locked { () throws(AlexStoreError) in try store.putBatch(count: count, key: key, value: value) }
    }
}
