--- What the user set, over what is built in.
local M = {}

---@class nextline.Options
local defaults = {
  --- The server's command line, or a function as |vim.lsp.start()| takes it.
  cmd = { 'nextline', 'lsp' },
  --- The server's settings, as in its config.toml: { completion = { … }, routes = { … } }.
  settings = {},
  --- nil for every file, or a list.
  filetypes = nil, ---@type string[]?
  --- false: map nothing. true: the keys below. A table: those keys instead, `false` to leave one out.
  keys = false, ---@type boolean|table<string, string|false>
  --- How long typing must pause before the server is asked, in milliseconds. The server throttles by itself.
  debounce_ms = 10,
  --- 'auto': by `vim.lsp.inline_completion` where Neovim has it; 'own': always by the plugin's extmarks.
  display = 'auto',
  --- What marks the root of a project, in order of weight; a file outside of any has its own folder as root.
  root_markers = {
    { '.git', '.hg', '.jj', '.svn' },
    { 'Cargo.toml', 'package.json', 'pyproject.toml', 'go.mod', 'pom.xml', 'build.gradle', 'CMakeLists.txt' },
    { 'Makefile' },
  },
}

--- Keys of insert mode that act while ghost text is shown, and do what they did before when none is.
--- `trigger` always acts; without ghost text `next` and `prev` ask for some. `next_edit` and `next_dismiss` are keys of normal mode, for the
--- edit that is suggested.
M.keys = {
  accept = '<Tab>',
  accept_word = '<C-Right>',
  accept_line = '<C-l>',
  next = '<M-]>',
  prev = '<M-[>',
  dismiss = '<C-]>',
  trigger = [[<M-\>]],
  next_edit = '<Tab>',
  next_dismiss = '<Esc>',
}

M.options = vim.deepcopy(defaults)

local types = {
  cmd = { ['function'] = true, table = true },
  settings = 'table',
  filetypes = 'table',
  keys = { boolean = true, table = true },
  debounce_ms = 'number',
  display = 'string',
  root_markers = 'table',
}

local function names(of)
  return table.concat(vim.fn.sort(vim.tbl_keys(of)), ', ')
end

--- Takes the user's options in. A wrong one raises an error that names it, as it comes from the user's own file.
---@param options table?
function M.set(options)
  options = options or {}
  for name, value in pairs(options) do
    local expected = types[name]
    if not expected then
      error(('nextline: no option %q; there are %s'):format(name, names(types)), 0)
    end
    expected = type(expected) == 'table' and expected or { [expected] = true }
    if not expected[type(value)] then
      error(('nextline: option %q takes a %s, not a %s'):format(name, names(expected), type(value)), 0)
    end
  end
  if options.display and options.display ~= 'auto' and options.display ~= 'own' then
    error(('nextline: option "display" is "auto" or "own", not %q'):format(options.display), 0)
  end
  for action in pairs(type(options.keys) == 'table' and options.keys or {}) do
    if not M.keys[action] then
      error(('nextline: no key %q; there are %s'):format(action, names(M.keys)), 0)
    end
  end
  M.options = vim.tbl_extend('force', vim.deepcopy(defaults), options)
end

--- Which key does what; empty when the user wants none.
---@return table<string, string>
function M.mapped()
  local keys = M.options.keys
  if not keys then
    return {}
  end
  local mapped = vim.tbl_extend('force', {}, M.keys, type(keys) == 'table' and keys or {})
  for action, lhs in pairs(mapped) do
    mapped[action] = lhs or nil
  end
  return mapped
end

return M
