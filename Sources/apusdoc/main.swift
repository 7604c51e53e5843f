import Foundation
import ModuleCatalogue
import StandardModules

// apusdoc DIR [REPOSITORY]: writes the reference pages from the declarations of the modules.
let arguments = CommandLine.arguments
guard arguments.count == 2 || arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: apusdoc DIR [REPOSITORY]\n".utf8))
    exit(2)
}

do {
    let repository = Repository(root: arguments.count > 2 ? arguments[2] : ".")
    let modules = try ModuleCatalogue.describe(StandardModules.all)
    var pages = PageSet(directory: arguments[1])
    for module in modules {
        pages.add(
            "modules/\(module.type.name).md", ModulePage(module, readme: repository.readme(of: module.type.name)).text)
    }
    pages.add("coverage.md", CoveragePage(modules).text)
    pages.add("diagnostics.md", DiagnosticsPage().text)
    pages.add("database.md", DatabasePage().text)
    try pages.write()
} catch {
    FileHandle.standardError.write(Data("apusdoc: \(error)\n".utf8))
    exit(1)
}
