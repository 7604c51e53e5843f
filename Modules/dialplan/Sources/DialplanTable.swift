import Bytes
import Database
import ModuleKit
import SIPMessage

/// All rules, by dialplan; a value that a reload replaces as a whole.
struct DialplanTable: Sendable {
    /// The rules of one dialplan.
    struct Dialplan: Sendable {
        /// For inputs of one length each, and for all others.
        private var byLength: [Int: [DialplanRule]] = [:]

        mutating func add(_ rule: DialplanRule) { self.byLength[rule.row.length, default: []].append(rule) }

        mutating func sort() {
            // Rows of equal priority stay in their order.
            for length in self.byLength.keys {
                self.byLength[length] = self.byLength[length]?.enumerated().sorted {
                    ($0.element.row.priority, $0.offset) < ($1.element.row.priority, $1.offset)
                }.map(\.element)
            }
        }

        /// In the order in which they are shown: those for a length first.
        var rules: [DialplanRule] {
            self.byLength.sorted { ($0.key == 0 ? 1 : 0, $0.key) < ($1.key == 0 ? 1 : 0, $1.key) }.flatMap(\.value)
        }

        /// The first rule that an input fits: those for its length come before those for any, whatever their priority.
        /// - Parameter complain: gets what keeps a rule from being used.
        func rule(
            for input: ByteString, in route: RouteContext?, _ complain: (String) -> Void
        ) -> DialplanRule? {
            for length in input.isEmpty ? [0] : [input.count, 0] {
                for rule in self.byLength[length] ?? [] {
                    switch rule.matches(input, in: route) {
                    case .matched: return rule
                    case .none: continue
                    case .failed(let text): complain(text)
                    }
                }
            }
            return nil
        }
    }

    private var dialplans: [Int: Dialplan] = [:]
    /// Rows that cannot be used, and why.
    private(set) var complaints: [String] = []
    private(set) var count = 0

    subscript(dialplan: Int) -> Dialplan? { self.dialplans[dialplan] }

    /// Takes up a row in the order of the columns of `Settings.columns`; one that cannot be used is left out.
    mutating func add(_ row: Row, isDynamic: Bool, _ compiler: any ScriptCompiling) {
        guard let dialplan = row[0].int, let priority = row[1].int, let operation = row[2].int else {
            self.complaints.append(
                "a row with dpid \(row[0].text ?? "NULL"), pr \(row[1].text ?? "NULL"), "
                    + "match_op \(row[2].text ?? "NULL"): these are numbers")
            return
        }
        let values = DialplanRule.Row(
            dialplan: dialplan, priority: priority, operation: operation, match: row[3].text ?? "",
            length: row[4].int ?? 0, substitution: row[5].text ?? "", replacement: row[6].text ?? "",
            attributes: row[7].text ?? "")
        do {
            self.dialplans[dialplan, default: Dialplan()].add(
                try DialplanRule(values, isDynamic: isDynamic, compiler))
            self.count += 1
        } catch {
            let reason = (error as? ArgumentError)?.message ?? "\(error)"
            self.complaints.append("dpid \(dialplan), pr \(priority), '\(values.match)': \(reason)")
        }
    }

    mutating func sort() { for key in self.dialplans.keys { self.dialplans[key]?.sort() } }
}
