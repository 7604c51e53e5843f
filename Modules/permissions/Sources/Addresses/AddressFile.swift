import Bytes

/// Reads an address file: one `[group] address [mask [port [tag]]]` a line, `#` begins a comment.
enum AddressFile {
    /// - Returns: the rows, and for each the line it stands on, from 1.
    static func rows(_ text: ByteString) throws(AddressFailure) -> [(line: Int, row: AddressRow)] {
        var rows: [(line: Int, row: AddressRow)] = []
        let lines = text.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            let content = bytes.prefix { $0 != UInt8(ascii: "#") }
            let fields = content.split { $0.isBlank || $0 == UInt8(ascii: "\r") }.map { ByteString(Array($0)) }
            guard !fields.isEmpty else { continue }
            do throws(AddressFailure) {
                rows.append((index + 1, try Self.row(fields)))
            } catch {
                throw AddressFailure(row: index + 1, error.message)
            }
        }
        return rows
    }

    private static func row(_ fields: [ByteString]) throws(AddressFailure) -> AddressRow {
        var fields = fields[...]
        var group = 1
        if let first = fields.first, let number = Self.number(first) {
            group = number
            fields = fields.dropFirst()
        }
        guard let address = fields.popFirst() else { throw AddressFailure("no address") }
        var row = AddressRow(group: group, address: address)
        if let text = fields.popFirst() {
            guard let mask = Self.number(text) else { throw AddressFailure("mask '\(text)' is no number") }
            row.mask = mask
        }
        if let text = fields.popFirst() {
            guard let port = Self.number(text) else { throw AddressFailure("port '\(text)' is no number") }
            row.port = port
        }
        if let tag = fields.popFirst() { row.tag = tag }
        guard fields.isEmpty else { throw AddressFailure("a tag is one word; what is '\(fields.first ?? "")'?") }
        return row
    }

    private static func number(_ text: ByteString) -> Int? {
        text.span.decimal(in: ByteRange(0, text.count), limit: Int(Int32.max))
    }
}
