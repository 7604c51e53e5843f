/// One thing to measure: `body` does it once.
struct Case {
    var name: String
    var body: () -> Void

    init(_ name: String, _ body: @escaping () -> Void) {
        self.name = name
        self.body = body
    }
}
