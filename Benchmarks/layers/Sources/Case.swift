/// One thing to measure: `body` does it `times` times.
struct Case {
    var name: String
    var times: Int
    var body: () -> Void

    init(_ name: String, times: Int = 1, _ body: @escaping () -> Void) {
        self.name = name
        self.times = times
        self.body = body
    }
}
