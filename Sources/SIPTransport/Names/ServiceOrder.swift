import SIPMessage

/// The order in which the servers of a service are tried (RFC 2782).
enum ServiceOrder {
    /// Lower priorities first; among equals a draw by weight, so that each comes first as often as its weight says.
    /// Records of weight 0 stand at the front of the draw, which leaves them a small chance.
    /// - Parameter random: gives a number of 0..<its argument.
    static func shared(_ records: [ServiceRecord], random: (Int) -> Int) -> [ServiceRecord] {
        var result: [ServiceRecord] = []
        result.reserveCapacity(records.count)
        for priority in Set(records.map(\.priority)).sorted() {
            var left = records.filter { $0.priority == priority }
            left = left.filter { $0.weight == 0 } + left.filter { $0.weight > 0 }
            var total = left.reduce(0) { $0 + Int($1.weight) }
            while left.count > 1 {
                let drawn = random(total + 1)
                var sum = 0
                let index =
                    left.firstIndex { record in
                        sum += Int(record.weight)
                        return sum >= drawn
                    } ?? left.count - 1
                let record = left.remove(at: index)
                total -= Int(record.weight)
                result.append(record)
            }
            result += left
        }
        return result
    }

    /// Lower priorities first, the heavier of equals first, else as they came: the same order every time.
    static func fixed(_ records: [ServiceRecord]) -> [ServiceRecord] {
        records.enumerated().sorted { left, right in
            if left.element.priority != right.element.priority { return left.element.priority < right.element.priority }
            if left.element.weight != right.element.weight { return left.element.weight > right.element.weight }
            return left.offset < right.offset
        }.map(\.element)
    }
}
