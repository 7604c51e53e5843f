// What one step of a message's way costs, layer by layer.
//
//     layers               names of the cases
//     layers CASE COUNT    does it so often; `Benchmarks/layers/measure` counts the instructions
//     layers time          nanoseconds of each, for a first look

@main
enum Layers {
    static func main() throws {
        let cases = try messageCases + tableCases + sharedCases + scriptCases() + transactionCases() + locationCases()
        let arguments = CommandLine.arguments.dropFirst()
        guard let first = arguments.first else {
            for item in cases { print(item.name) }
            return
        }
        if first == "time" {
            for item in cases { print("\(Self.nanoseconds(item)) ns  \(item.name)") }
            return
        }
        guard let chosen = cases.first(where: { $0.name == first }), let count = Int(arguments.last ?? "") else {
            print("layers: no such case, or no count")
            return
        }
        for _ in 0..<count / chosen.times { chosen.body() }
    }

    private static func nanoseconds(_ item: Case) -> Int64 {
        let count: Int64 = 200_000
        let rounds = count / Int64(item.times)
        for _ in 0..<rounds / 10 { item.body() }
        let took = ContinuousClock().measure { for _ in 0..<rounds { item.body() } }.components
        return (took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000) / count
    }
}
