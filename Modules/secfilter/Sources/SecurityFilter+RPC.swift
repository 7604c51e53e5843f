import Bytes
import Database
import ModuleKit

extension SecurityFilter {
    /// Entries of a list that are shown.
    private static let mostShown = 10_000

    public var commands: [RPCCommand] {
        [
            self.reload, self.show,
            RPCCommand("secfilter.stats", returnsArray: true, "Shows how many messages each list refused or let in.") {
                [unowned self] _ throws(RPCFault) in
                self.statistics.lines.map { .string($0) }
            },
            RPCCommand("secfilter.stats_reset", "Counts from zero again.") { [unowned self] _ throws(RPCFault) in
                self.statistics.reset()
                return [.string("The statistics has been reset")]
            },
            RPCCommand("secfilter.add_dst", "Adds a number that is not called: number.") {
                [unowned self] request throws(RPCFault) in
                guard request.has(0), let number = Self.text(request, 0) else {
                    throw RPCFault(
                        500,
                        "Invalid Parameters. Usage: secfilter.add_dst number\n     Example: secfilter.add_dst 555123123"
                    )
                }
                try self.insert(FilterEntry(action: .destination, kind: .userAgent, text: number))
                return [.string("Values (\(number)) inserted into blacklist destinations")]
            },
            self.adding(
                .block, "secfilter.add_bl", "blacklist",
                "Adds to who is refused: ua, country, domain, ip or user; text.",
                "user sipvicious"),
            self.adding(
                .allow, "secfilter.add_wl", "whitelist",
                "Adds to who is let in: ua, country, domain, ip or user; text.",
                "user trusted_user"),
        ]
    }

    /// A parameter, when it is a text that can be looked for.
    private static func text(_ request: RPCRequest, _ index: Int) -> ByteString? {
        guard let text = try? request.text(index), !text.isEmpty, text.count <= 255 else { return nil }
        return text
    }

    private func insert(_ entry: FilterEntry) throws(RPCFault) {
        guard self.add(entry) else { throw RPCFault(500, "Too many values were inserted by commands") }
    }

    private func adding(
        _ action: FilterAction, _ command: String, _ list: String, _ summary: String, _ example: String
    ) -> RPCCommand {
        RPCCommand(command, summary) { [unowned self] request throws(RPCFault) in
            guard request.has(1), let text = Self.text(request, 1) else {
                throw RPCFault(
                    500, "Invalid Parameters. Usage: \(command) type value\n     Example: \(command) \(example)")
            }
            guard let kind = FilterKind(word: try request.text(0).string) else {
                throw RPCFault(500, "Error inserting values in the \(list)")
            }
            try self.insert(FilterEntry(action: action, kind: kind, text: text))
            return [.string("Values (\(kind.word), \(text)) inserted into \(list)")]
        }
    }

    private var show: RPCCommand {
        RPCCommand(
            "secfilter.print", returnsArray: true, "Shows the lists, or one: ua, country, domain, ip, user or dst."
        ) { [unowned self] request throws(RPCFault) in
            let lists = self.lists.read { $0 }
            guard request.has(0) else {
                return FilterKind.allCases.flatMap { Self.lines(lists, $0) } + [.string("")]
            }
            let word = try request.text(0).string
            if word == "dst" {
                return Self.heading("Destinations") + Self.entries("Blacklisted", lists.destinations) + [.string("")]
            }
            return (FilterKind(word: word).map { Self.lines(lists, $0) } ?? []) + [.string("")]
        }
    }

    private static func heading(_ title: String) -> [RPCValue] {
        ["", title, String(repeating: "=", count: title.count)].map { .string($0) }
    }

    private static func entries(_ title: String, _ set: PrefixSet) -> [RPCValue] {
        ["[+] \(title)", "    -----------"].map { .string($0) }
            + set.texts.prefix(self.mostShown).enumerated().map { index, text in
                let number = String(index + 1)
                return .string("    \(String(repeating: "0", count: max(4 - number.count, 0)))\(number) -> \(text)")
            }
    }

    private static func lines(_ lists: FilterLists, _ kind: FilterKind) -> [RPCValue] {
        self.heading(kind.title) + self.entries("Blacklisted", lists.blocked[kind.rawValue]) + [.string("")]
            + self.entries("Whitelisted", lists.allowed[kind.rawValue])
    }

    private var reload: RPCCommand {
        .waiting("secfilter.reload", "Reads the lists from the database again.") { [unowned self] request, answer in
            guard let database = self.database else { return answer.refuse(RPCFault(500, "No database")) }
            let columns = self.columns
            let table = self.settings.table
            let logger = request.host.logger
            // The module lives as long as its work.
            database.perform(.read, within: .seconds(60)) { session in
                try Self.read(columns, table, session, logger)
            } answer: { [self] result in
                switch result {
                case .success(let lists):
                    self.added.list.withLock { $0 = [] }
                    self.lists.replace(lists)
                    answer.give([.string("Data reloaded")])
                case .failure(let error):
                    logger.error("secfilter: table \(table): \(error)")
                    answer.refuse(RPCFault(500, "Error loading data from database"))
                }
            }
        }
    }
}
