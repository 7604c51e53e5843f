import Bytes

/// The hash that scripts use to spread calls: its values are part of what they expect, so it has to be this one.
enum CoreHash {
    static func value(_ span: Span<UInt8>) -> UInt32 {
        var hash: UInt32 = 0
        var index = 0
        while index < span.count {
            let end = min(index + 4, span.count)
            var word: UInt32 = 0
            while index < end {
                word = word << 8 | UInt32(span[index])
                index += 1
            }
            hash &+= word ^ (word >> 3)
        }
        return (hash &+ (hash >> 11)) &+ ((hash >> 13) &+ (hash >> 23))
    }
}
