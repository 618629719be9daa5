/** Vietnamese has one plural form; English may give two, chosen by the parameter `n`. */
export type Entry = string | { one: string; other: string };
