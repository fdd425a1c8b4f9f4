--- Ghost text: what is asked, what of the answer still fits the typed text, what is accepted. When to ask is
--- |nextline.typing|; drawing is |nextline.draw| or |nextline.native|.
local Item = require('nextline.item')
local config = require('nextline.config')
local draw = require('nextline.draw')
local menu = require('nextline.menu')
local native = require('nextline.native')
local text = require('nextline.text')
local wire = require('nextline.wire')

local api = vim.api
local M = {}

local INVOKED, AUTOMATIC = 1, 2

---@class nextline.Buffer
---@field client vim.lsp.Client
---@field display table nextline.draw or nextline.native

---@type table<integer, nextline.Buffer>
local buffers = {}

---@class nextline.Fit
---@field item nextline.Item
---@field rest string what is left to insert
---@field typed string what of the item stands before the cursor

---@class nextline.Shown
---@field items nextline.Item[]
---@field index integer the selected one
---@field fits nextline.Fit[] of `items`, at `place`
---@field place nextline.Place
---@field drawn boolean false while the popup menu disagrees
---@field count boolean the user cycles, and sees which of how many

---@type nextline.Shown?
local shown
---@type { client: vim.lsp.Client, id: integer? }?
local pending
---@type nextline.Place? where the last question was or will be asked
local asked
---@type nextline.Item? not offered again while the text typed goes along it
local dismissed
local told = {} ---@type table<string, true> ids that the server knows were shown
local timer = assert(vim.uv.new_timer())

local function inserting()
  return api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

--- The current buffer's entry, if ghost text is switched on in it.
---@return nextline.Buffer?
local function here()
  local bufnr = api.nvim_get_current_buf()
  if vim.g.nextline_enabled ~= false and vim.b[bufnr].nextline_enabled ~= false then
    return buffers[bufnr]
  end
end

local function cancel()
  timer:stop()
  asked = nil
  if pending then
    if pending.id then
      wire.cancel(pending.client, pending.id)
    end
    pending = nil
  end
end

local function undraw()
  local buffer = shown and buffers[shown.place.bufnr]
  if buffer and shown.drawn then
    buffer.display.hide(shown.place.bufnr, buffer.client.id)
    shown.drawn = false
  end
end

--- Takes the ghost text away and forgets it.
local function clear()
  undraw()
  shown = nil
end

--- Stops asking and showing.
function M.reset()
  cancel()
  clear()
  dismissed = nil
end

--- Draws `shown.fits`, unless the popup menu's selected entry goes another way.
---@param buffer nextline.Buffer
local function redraw(buffer)
  local place, fit = shown.place, shown.fits[shown.index]
  local remaining = menu.selected(place.line:sub(1, place.col))
  local agrees = not remaining or text.starts(fit.rest, remaining)
  if not agrees or vim.b[place.bufnr].nextline_hidden == true then
    undraw()
    return
  end
  local count = shown.count and #shown.fits > 1
  shown.drawn = buffer.display.show(place, shown.fits, shown.index, count, buffer.client)
  if shown.drawn and fit.item.id and not told[fit.item.id] then
    told[fit.item.id] = true
    wire.notify(buffer.client, 'textDocument/didShowCompletion', { item = fit.item.raw })
  end
end

--- Draws what of `shown` still fits the text at the cursor; false, and nothing shown, when nothing does.
---@return boolean
function M.refresh()
  local buffer = here()
  if not shown or not buffer or shown.place.bufnr ~= api.nvim_get_current_buf() or not inserting() then
    clear()
    return false
  end
  if shown.drawn then
    -- The user may have moved on, accepted or hidden it through Neovim's own functions.
    shown.index = buffer.display.selected(shown.place, shown.index, buffer.client)
  end
  local place, items, fits, index = Item.here(), {}, {}, nil
  for i, item in ipairs(shown.items) do
    local rest, typed = item:rest(place)
    if rest and rest ~= '' then
      items[#items + 1] = item
      fits[#fits + 1] = { item = item, rest = rest, typed = typed }
      index = i == shown.index and #fits or index
    end
  end
  if #fits == 0 or not shown.index then
    clear()
    return false
  end
  shown.items, shown.fits, shown.index, shown.place = items, fits, index or 1, place
  redraw(buffer)
  return true
end

---@param item nextline.Item
---@param now nextline.Place
local function unwanted(item, now)
  local rest = dismissed and dismissed:rest(now)
  return rest and text.starts(rest, item:rest(now))
end

--- Takes in an answer. `null` keeps what is shown, an empty list hides it, and what is shown is replaced only by a
--- suggestion that goes on from it: others wait to be cycled to.
---@param place nextline.Place
---@param buffer nextline.Buffer
---@param kind integer
---@param result table?
local function offer(place, buffer, kind, result)
  if not inserting() or api.nvim_get_current_buf() ~= place.bufnr then
    return
  end
  if result == nil or result == vim.NIL then
    if not shown then
      require('nextline.status').silent(place.bufnr)
    end
    return
  end
  local items, now, known = {}, Item.here(), {}
  local kept = M.refresh() and shown.fits[shown.index] or nil
  if kept then
    known[kept.rest] = true
  end
  for _, raw in ipairs(result.items or result) do
    local item = Item.new(raw, place, buffer.client.offset_encoding)
    local rest = item and item:rest(now)
    if rest and rest ~= '' and not known[rest] and (kind == INVOKED or not unwanted(item, now)) then
      known[rest] = true
      items[#items + 1] = item
    end
  end
  if next(result.items or result) == nil then
    require('nextline.status').silent(place.bufnr)
    if kind == AUTOMATIC then
      clear()
      return
    end
  end
  if kept and not (items[1] and text.starts(items[1]:rest(now), kept.rest)) then
    table.insert(items, 1, kept.item)
  end
  if #items > 0 then
    undraw()
    shown = { items = items, index = 1, fits = {}, place = now, drawn = false, count = false }
    M.refresh()
  end
end

--- Asks the server, and forgets the question before.
---@param kind integer INVOKED | AUTOMATIC
---@param done? fun()
local function ask(kind, done)
  cancel()
  local buffer = here()
  if not buffer or not inserting() then
    return
  end
  local place = Item.here()
  local encoding = buffer.client.offset_encoding
  local params = vim.lsp.util.make_position_params(0, encoding)
  params.context = { triggerKind = kind }
  local before = place.line:sub(1, place.col)
  local remaining, word = menu.selected(before)
  if remaining and remaining ~= '' then
    local from = before:sub(1, #before - (#word - #remaining))
    params.context.selectedCompletionInfo = {
      range = { start = { line = place.row, character = text.units(from, encoding) }, ['end'] = params.position },
      text = word,
    }
  end
  local mine = { client = buffer.client }
  pending, asked = mine, place
  mine.id = wire.request(buffer.client, 'textDocument/inlineCompletion', params, function(err, result)
    if pending ~= mine then
      return
    end
    pending = nil
    if not err then
      offer(place, buffer, kind, result)
      if done then
        done()
      end
    end
  end, place.bufnr)
end

--- Asks when the typing pauses for the configured time, zero included.
function M.ask_soon()
  cancel()
  asked = Item.here()
  if dismissed and not dismissed:rest(asked) then
    dismissed = nil
  end
  timer:start(config.options.debounce_ms, 0, vim.schedule_wrap(function()
    ask(AUTOMATIC)
  end))
end

--- Where ghost text is shown or asked for; nil when neither.
---@return nextline.Place?
function M.place()
  return shown and shown.place or asked
end

--- Whether a question is about to be asked or under way.
---@return boolean
function M.waiting()
  return timer:is_active() or pending ~= nil
end

--- Lets `client` give ghost text in `bufnr`.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  local display = draw
  if config.options.display ~= 'own' and native.attach(client, bufnr) then
    display = native
  end
  buffers[bufnr] = { client = client, display = display }
end

---@param bufnr integer
function M.detach(bufnr)
  if shown and shown.place.bufnr == bufnr or asked and asked.bufnr == bufnr then
    M.reset()
  end
  buffers[bufnr] = nil
end

--- The client and the display of a buffer.
---@param bufnr integer 0 for the current one
---@return nextline.Buffer?
function M.buffer(bufnr)
  return buffers[bufnr == 0 and api.nvim_get_current_buf() or bufnr]
end

--- The suggestion on the screen.
---@return nextline.Fit?, nextline.Buffer?
local function current()
  if M.visible() and M.refresh() and shown.drawn then
    return shown.fits[shown.index], buffers[shown.place.bufnr]
  end
end

--- The whole text that is on the screen; nil when none is.
---@return string?
function M.text()
  local fit = current()
  return fit and fit.rest
end

---@return boolean
function M.visible()
  return shown ~= nil and shown.drawn and inserting() and shown.place.bufnr == api.nvim_get_current_buf()
end

--- Whether a key that indents would only move the cursor to where the ghost text's own code begins.
---@return boolean
function M.indents()
  local fit = current()
  if not fit or shown.place.line:sub(1, shown.place.col):match('%S') then
    return false
  end
  local blanks = fit.rest:match('^[ \t]*')
  return vim.fn.strdisplaywidth(blanks) >= vim.fn.shiftwidth()
end

local parts = {
  all = function(rest)
    return rest
  end,
  word = Item.word,
  line = Item.line,
}

--- Puts the suggestion, or its next word or line, into the buffer; false when none is shown.
---@param part? "all" | "word" | "line"
---@return boolean
function M.accept(part)
  local fit, buffer = current()
  if not fit or not buffer then
    return false
  end
  local item, place = fit.item, shown.place
  local taken = parts[part or 'all'](fit.rest)
  local whole = taken == fit.rest
  cancel()
  undraw()
  -- One `u` takes back what was accepted and leaves what was typed.
  vim.cmd('let &g:undolevels = &g:undolevels')
  local lines = vim.split(taken, '\n', { plain = true })
  local stop = place.col + (whole and #item.tail or 0)
  api.nvim_buf_set_text(place.bufnr, place.row, place.col, place.row, stop, lines)
  local col = #lines == 1 and place.col + #taken or #lines[#lines]
  api.nvim_win_set_cursor(0, { place.row + #lines, col })
  if whole then
    clear()
    wire.run(buffer.client, item.raw.command, place.bufnr)
  else
    wire.notify(buffer.client, 'textDocument/didPartiallyAcceptCompletion', {
      item = item.raw,
      acceptedLength = text.units(fit.typed .. taken, 'utf-16'),
    })
    M.refresh()
  end
  return true
end

--- Takes the ghost text away, also while the text typed goes along it; false when none is shown.
---@return boolean
function M.dismiss()
  local fit = current()
  if not fit then
    return false
  end
  cancel()
  clear()
  dismissed = fit.item
  return true
end

--- Moves by `by` suggestions. The first time others are asked for, and the shown one stays the first of them.
---@param by integer
---@return boolean
function M.cycle(by)
  if not current() then
    return false
  end
  local function move()
    if current() then
      shown.index = (shown.index - 1 + by) % #shown.items + 1
      shown.count = true
      redraw(buffers[shown.place.bufnr])
    end
  end
  if #shown.items > 1 then
    move()
  else
    ask(INVOKED, move)
  end
  return true
end

--- Asks now, as the user wants it.
function M.trigger()
  dismissed = nil
  ask(INVOKED)
end

return M
