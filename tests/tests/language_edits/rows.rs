//! One row = one language: a file with a method in it, and what a model answers about the method.
// A table: one row, one language.

/// A file and what is done to it.
pub struct Row {
    /// LSP language identifier.
    pub language: &'static str,
    /// The file.
    pub file: &'static str,
    /// Its text; the cursor is at `$0`.
    pub drawn: &'static str,
    /// The whole method, without its margin.
    pub method: &'static str,
    /// The line in the method that is changed, and what it becomes.
    pub change: (&'static str, &'static str),
    /// A doc comment, as the model writes it.
    pub doc: &'static str,
    /// The line that it goes above.
    pub above: &'static str,
    /// A test, as the model writes it.
    pub test: &'static str,
    /// The file that it goes into; empty for the same one.
    pub tests: &'static str,
}

pub const ROWS: &[Row] = &[
    Row {
        language: "rust",
        file: "src/cart.rs",
        drawn: "use std::fmt;\n\npub struct Cart;\n\nimpl Cart {\n    pub fn total(&self, price: u32, count: u32) -> u32 {\n        let sum = price * count;$0\n        sum\n    }\n\n    pub fn name(&self) -> &str {\n        \"cart\"\n    }\n}\n",
        method: "pub fn total(&self, price: u32, count: u32) -> u32 {\n    let sum = price * count;\n    sum\n}\n",
        change: ("let sum = price * count;", "let sum = price + count;"),
        doc: "/// Adds up.\n///\n/// Always.",
        above: "pub fn total(",
        test: "#[test]\nfn adds_up() {\n    assert_eq!(Cart.total(2, 3), 6);\n}\n",
        tests: "",
    },
    Row {
        language: "typescript",
        file: "src/cart.ts",
        drawn: "import { x } from './x';\n\nexport class Cart {\n    total(price: number, count: number): number {\n        const sum = price * count;$0\n        return sum;\n    }\n\n    name(): string {\n        return 'cart';\n    }\n}\n",
        method: "total(price: number, count: number): number {\n    const sum = price * count;\n    return sum;\n}\n",
        change: ("const sum = price * count;", "const sum = price + count;"),
        doc: "/**\n * Adds up.\n * @param price of one\n */",
        above: "total(price",
        test: "import { it } from 'vitest';\n\nit('adds up', () => {\n    new Cart().total(2, 3);\n});\n",
        tests: "src/cart.test.ts",
    },
    Row {
        language: "python",
        file: "src/cart.py",
        drawn: "import math\n\n\nclass Cart:\n    def total(self, price, count):\n        sum = price * count$0\n        return sum\n\n    def name(self):\n        return \"cart\"\n",
        method: "def total(self, price, count):\n    sum = price * count\n    return sum\n",
        change: ("sum = price * count", "sum = price + count"),
        doc: "\"\"\"Adds up.\n\nAlways.\n\"\"\"",
        above: "sum = price * count",
        test: "from cart import Cart\n\n\ndef test_total():\n    assert Cart().total(2, 3) == 6\n",
        tests: "src/test_cart.py",
    },
    Row {
        language: "go",
        file: "cart/cart.go",
        drawn: "package cart\n\nimport \"fmt\"\n\ntype Cart struct{}\n\nfunc (c Cart) Total(price, count int) int {\n    sum := price * count$0\n    return sum\n}\n\nfunc (c Cart) Name() string {\n    return \"cart\"\n}\n",
        method: "func (c Cart) Total(price, count int) int {\n    sum := price * count\n    return sum\n}\n",
        change: ("sum := price * count", "sum := price + count"),
        doc: "// Total adds up.\n// Always.",
        above: "func (c Cart) Total(",
        test: "package cart\n\nimport \"testing\"\n\nfunc TestTotal(t *testing.T) {\n    if (Cart{}).Total(2, 3) != 6 {\n        t.Fail()\n    }\n}\n",
        tests: "cart/cart_test.go",
    },
    Row {
        language: "java",
        file: "src/main/java/Cart.java",
        drawn: "package shop;\n\nimport java.util.List;\n\nclass Cart {\n    int total(int price, int count) {\n        int sum = price * count;$0\n        return sum;\n    }\n\n    String name() {\n        return \"cart\";\n    }\n}\n",
        method: "int total(int price, int count) {\n    int sum = price * count;\n    return sum;\n}\n",
        change: ("int sum = price * count;", "int sum = price + count;"),
        doc: "/**\n * Adds up.\n */",
        above: "int total(",
        test: "package shop;\n\nclass CartTest {\n    @Test\n    void addsUp() {\n        assertEquals(6, new Cart().total(2, 3));\n    }\n}\n",
        tests: "src/test/java/CartTest.java",
    },
    Row {
        language: "csharp",
        file: "Shop/Cart.cs",
        drawn: "using System;\n\nclass Cart\n{\n    public int Total(int price, int count)\n    {\n        var sum = price * count;$0\n        return sum;\n    }\n\n    public string Name()\n    {\n        return \"cart\";\n    }\n}\n",
        method: "public int Total(int price, int count)\n{\n    var sum = price * count;\n    return sum;\n}\n",
        change: ("var sum = price * count;", "var sum = price + count;"),
        doc: "/// <summary>\n/// Adds up.\n/// </summary>",
        above: "public int Total(",
        test: "using Xunit;\n\npublic class CartTests\n{\n    [Fact]\n    public void AddsUp()\n    {\n        Assert.Equal(6, new Cart().Total(2, 3));\n    }\n}\n",
        tests: "Shop/CartTests.cs",
    },
    Row {
        language: "kotlin",
        file: "src/main/kotlin/Cart.kt",
        drawn: "package shop\n\nimport kotlin.math.max\n\nclass Cart {\n    fun total(price: Int, count: Int): Int {\n        val sum = price * count$0\n        return sum\n    }\n\n    fun name(): String {\n        return \"cart\"\n    }\n}\n",
        method: "fun total(price: Int, count: Int): Int {\n    val sum = price * count\n    return sum\n}\n",
        change: ("val sum = price * count", "val sum = price + count"),
        doc: "/**\n * Adds up.\n */",
        above: "fun total(",
        test: "package shop\n\nclass CartTest {\n    @Test\n    fun addsUp() {\n        assertEquals(6, Cart().total(2, 3))\n    }\n}\n",
        tests: "src/test/kotlin/CartTest.kt",
    },
    Row {
        language: "cpp",
        file: "src/cart.cpp",
        drawn: "#include <vector>\n\nnamespace shop {\n\nint total(int price, int count) {\n    int sum = price * count;$0\n    return sum;\n}\n\nconst char* name() {\n    return \"cart\";\n}\n\n}  // namespace shop\n",
        method: "int total(int price, int count) {\n    int sum = price * count;\n    return sum;\n}\n",
        change: ("int sum = price * count;", "int sum = price + count;"),
        doc: "/// Adds up.\n/// Always.",
        above: "int total(",
        test: "#include \"cart.h\"\n\nint main() {\n    return total(2, 3) != 6;\n}\n",
        tests: "src/cart_test.cpp",
    },
];
