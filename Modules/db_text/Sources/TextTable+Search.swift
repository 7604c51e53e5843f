import Bytes
import Database

extension TextTable {
    /// Numbers of the rows that are meant.
    package func matches(_ filter: Filter) throws(DatabaseError) -> [Int] {
        var tests: [(index: Int, condition: Condition)] = []
        for condition in filter.conditions { tests.append((try self.index(of: condition.column), condition)) }
        return self.rows.indices.filter { number in
            let row = self.rows[number]
            if tests.isEmpty { return true }
            return filter.isAny
                ? tests.contains { Self.holds(row[$0.index], $0.condition) }
                : tests.allSatisfy { Self.holds(row[$0.index], $0.condition) }
        }
    }

    private static func holds(_ value: DatabaseValue, _ condition: Condition) -> Bool {
        switch condition.comparison {
        case .equal where condition.value.isNull: return value.isNull
        case .notEqual where condition.value.isNull: return !value.isNull
        case .hasBits: return (value.int ?? 0) & (condition.value.int ?? 0) != 0
        case .like:
            guard let text = value.text, let pattern = condition.value.text else { return false }
            return self.isLike(text.bytes[...], pattern.bytes[...])
        case .equal, .notEqual, .less, .greater, .atMost, .atLeast: break
        }
        guard let order = self.order(value, condition.value) else { return false }
        switch condition.comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .greater: return order > 0
        case .atMost: return order <= 0
        case .atLeast: return order >= 0
        case .hasBits, .like: return false
        }
    }

    /// Below, at or above 0; nil when one of them is null.
    private static func order(_ left: DatabaseValue, _ right: DatabaseValue) -> Int? {
        switch (left, right) {
        case (.null, _), (_, .null): return nil
        case (.int(let a), _): if let b = right.int, right.double == Double(b) { return a < b ? -1 : a == b ? 0 : 1 }
        case (.double, _), (_, .double): break
        default:
            guard let a = left.text, let b = right.text else { return nil }
            return a == b ? 0 : a < b ? -1 : 1
        }
        guard let a = left.double, let b = right.double else { return nil }
        return a < b ? -1 : a == b ? 0 : 1
    }

    /// `%` any text, `_` any byte; small and capital letters are the same.
    static func isLike(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        // Goes back to the last % only: the time is bounded by the product of the lengths.
        var at = text.startIndex
        var mark = pattern.startIndex
        var retry: (text: Int, pattern: Int)?
        while at < text.endIndex {
            if mark < pattern.endIndex, pattern[mark] == UInt8(ascii: "%") {
                retry = (at, mark + 1)
                mark += 1
            } else if mark < pattern.endIndex,
                pattern[mark] == UInt8(ascii: "_") || Self.small(pattern[mark]) == Self.small(text[at])
            {
                at += 1
                mark += 1
            } else if let last = retry {
                retry = (last.text + 1, last.pattern)
                at = last.text + 1
                mark = last.pattern
            } else {
                return false
            }
        }
        return pattern[mark...].allSatisfy { $0 == UInt8(ascii: "%") }
    }

    private static func small(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

    /// The rows of a selection.
    package func select(_ select: Select, limit most: Int) throws(DatabaseError) -> Rows {
        let names = select.columns.isEmpty ? self.columns.map(\.name) : select.columns
        var indices: [Int] = []
        for name in names { indices.append(try self.index(of: name)) }
        var order: [(index: Int, isDescending: Bool)] = []
        for wanted in select.order { order.append((try self.index(of: wanted.column), wanted.isDescending)) }
        var found = try self.matches(select.filter)
        if !order.isEmpty {
            found.sort { first, second in
                for (index, isDescending) in order {
                    let (a, b) = (self.rows[first][index], self.rows[second][index])
                    // Null stands first.
                    let result = Self.order(a, b) ?? (a.isNull ? (b.isNull ? 0 : -1) : 1)
                    if result != 0 { return isDescending ? result > 0 : result < 0 }
                }
                return first < second
            }
        }
        var result = Rows(columns: names)
        for number in found.dropFirst(max(select.offset, 0)).prefix(min(select.limit ?? most, most)) {
            result.append(indices.map { self.rows[number][$0] })
        }
        return result
    }
}
