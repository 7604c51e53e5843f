import Foundation

/// The pages of one run: writes those that changed, deletes those that no run makes any more.
struct PageSet {
    let directory: String
    private var pages: [String: String] = [:]

    init(directory: String) { self.directory = directory }

    mutating func add(_ path: String, _ text: String) { self.pages[path] = text }

    func write() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: self.directory + "/modules", withIntermediateDirectories: true)
        for (path, text) in self.pages.sorted(by: { $0.key < $1.key }) {
            let target = self.directory + "/" + path
            if let present = try? String(contentsOfFile: target, encoding: .utf8), present == text { continue }
            try text.write(toFile: target, atomically: true, encoding: .utf8)
        }
        for folder in ["", "modules/"] {
            for name in try files.contentsOfDirectory(atPath: self.directory + "/" + folder)
            where name.hasSuffix(".md") && self.pages[folder + name] == nil {
                try files.removeItem(atPath: self.directory + "/" + folder + name)
            }
        }
    }
}

/// What stands in the sources and not in declarations: prose.
struct Repository {
    let root: String

    /// The README of a module without its title, headings one level lower; nil when it has none.
    func readme(of module: String) -> String? {
        let path = "\(self.root)/Modules/\(module)/README.md"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.first?.hasPrefix("# ") == true { lines.removeFirst() }
        var isCode = false
        for index in lines.indices {
            if lines[index].hasPrefix("```") { isCode.toggle() }
            if !isCode, lines[index].hasPrefix("#") { lines[index] = "#" + lines[index] }
        }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }
}
