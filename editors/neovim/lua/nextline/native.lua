--- Ghost text through `vim.lsp.inline_completion` (Neovim 0.12): it draws, and its `get()` and `select()` work for
--- users who map them. When to ask, what still fits the typed text and what to accept stay with |nextline.ghost|,
--- because Neovim's own loop waits a fixed 200 ms, keeps drawing a text that no longer agrees with what was typed, and
--- accepts a typed-through item on top of what was typed.
local text = require('nextline.text')
local wire = require('nextline.wire')

local M = {}

--- The object of this buffer that draws. Neovim has no public way to hand it items, so its absence is an answer too:
--- then the plugin draws by itself.
---@param bufnr integer
---@return table?
local function completor(bufnr)
  local ok, capability = pcall(require, 'vim.lsp._capability')
  local found = ok and vim.tbl_get(capability, 'all', 'inline_completion', 'active', bufnr)
  if found and found.select and found.hide and found.client_state then
    return found
  end
end

--- Switches the native display on for a buffer; false where it cannot be used.
---@param client vim.lsp.Client
---@param bufnr integer
---@return boolean
function M.attach(client, bufnr)
  if not vim.lsp.inline_completion then
    return false
  end
  local ok = pcall(vim.lsp.inline_completion.enable, true, { bufnr = bufnr })
  local found = ok and completor(bufnr)
  if not found or not found.client_state[client.id] then
    return false
  end
  -- Neovim's loop would ask a second time in every pause, and bring back what was dismissed.
  wire.filter(client, function(method, params)
    local automatic = vim.tbl_get(params or {}, 'context', 'triggerKind') == 2
    return not (method == 'textDocument/inlineCompletion' and automatic)
  end)
  return true
end

--- How many items of other clients Neovim counts before those of this one.
local function offset(found, client_id)
  local before = 0
  for id, state in pairs(found.client_state) do
    if id < client_id then
      before = before + #(state.items or {})
    end
  end
  return before
end

---@param bufnr integer
---@param client_id integer
function M.hide(bufnr, client_id)
  local found = completor(bufnr)
  if not found then
    return
  end
  local state = found.client_state[client_id]
  if state then
    state.items = nil
  end
  if not found.current or found.current.client_id == client_id then
    found.current = nil
    found:hide()
  end
end

--- Hands Neovim what is left of each suggestion, anchored at the cursor: the text drawn and the text that its own
--- `get()` would accept are then the same, however much was typed through.
---@param place nextline.Place
---@param fits { item: nextline.Item, rest: string }[]
---@param index integer
---@param count boolean
---@param client vim.lsp.Client
---@return boolean drawn false once the user has switched Neovim's inline completion off
function M.show(place, fits, index, count, client)
  local found = completor(place.bufnr)
  local state = found and found.client_state[client.id]
  if not state then
    return false
  end
  local function position(col)
    local before = place.line:sub(1, col)
    return { line = place.row, character = text.units(before, client.offset_encoding) }
  end
  state.items = vim.tbl_map(function(fit)
    local rest, tail = fit.rest, fit.item.tail
    -- Neovim overlays the text after the cursor when the range is not empty: what the item repeats is left out instead.
    if tail ~= '' and rest:sub(-#tail) == tail then
      rest, tail = rest:sub(1, -#tail - 1), ''
    end
    return {
      insertText = rest,
      range = { start = position(place.col), ['end'] = position(place.col + #tail) },
      command = fit.item.raw.command,
    }
  end, fits)
  found:select(offset(found, client.id) + index, count)
  return true
end

--- Which suggestion is on the screen, as the user may have moved on with `vim.lsp.inline_completion.select()`;
--- nil when it is another client's. Neovim forgets its item when text before it is deleted: then it is still `index`.
---@param place nextline.Place
---@param index integer
---@param client vim.lsp.Client
---@return integer?
function M.selected(place, index, client)
  local found = completor(place.bufnr)
  local current = found and found.current
  if not current then
    return index
  end
  return current.client_id == client.id and current._index - offset(found, client.id) or nil
end

return M
