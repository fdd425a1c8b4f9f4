-- Drives one scenario in a headless Neovim:
--   nvim --headless --clean -n --cmd 'set rtp^=…/editors/neovim' -c 'luafile …/drive.lua' FILE
-- NEXTLINE_SCENARIO names a file beside this one that returns function(T); NEXTLINE_REPORT takes one JSON object a line:
-- {check, want, got}, then {done}. NEXTLINE_DISPLAY is the plugin's option `display`.
local folder = vim.fs.dirname(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p'))
local report = assert(io.open(vim.env.NEXTLINE_REPORT, 'w'))
local T = { folder = folder, scripted = dofile(folder .. '/scripted.lua') }

local function write(row)
  report:write(vim.json.encode(row), '\n')
  report:flush()
end

function T.check(name, want, got)
  write({ check = name, want = vim.inspect(want), got = vim.inspect(got) })
end

function T.note(name, value)
  write({ note = name, value = value })
end

--- Lets the editor run until `condition` holds, or fails the scenario.
function T.wait(what, condition, ms)
  local thread, started, timer = coroutine.running(), vim.uv.now(), vim.uv.new_timer()
  timer:start(1, 2, vim.schedule_wrap(function()
    if timer:is_closing() then
      return
    end
    local held = condition()
    if held or vim.uv.now() - started > (ms or 10000) then
      timer:close()
      local ok, err = coroutine.resume(thread, held)
      if not ok then
        T.fail(err)
      end
    end
  end))
  local held = coroutine.yield()
  if not held then
    error('waited in vain for: ' .. what)
  end
  return held
end

local fed = 0

--- Feeds keys as if typed, and returns when the editor has worked them off and no question to the server is open.
function T.keys(keys)
  fed = fed + 1
  local mine = fed
  local mark = ('<Cmd>lua _G.worked_off = %d<CR>'):format(mine)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys .. mark, true, true, true), 't', false)
  T.wait('keys ' .. keys, function()
    return _G.worked_off == mine
  end)
  T.quiet()
end

--- Types text one key after the other, each seen by the server; `each` is called after every key.
function T.type(text, each)
  for _, char in ipairs(vim.fn.split(text, '\\zs')) do
    T.keys(char == '<' and '<lt>' or char)
    if each then
      each()
    end
  end
end

function T.quiet()
  T.wait('the server to answer', function()
    return not require('nextline.ghost').waiting()
  end)
end

--- Everything that ghost text puts on the screen, top to bottom: "row:col text", `\n` before a line below.
function T.screen()
  local seen = {}
  for _, name in ipairs({ 'nextline.ghost', 'nvim.lsp.inline_completion' }) do
    local namespace = vim.api.nvim_get_namespaces()[name]
    local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
    for _, mark in ipairs(marks) do
      local words = {}
      for _, chunk in ipairs(mark[4].virt_text or {}) do
        words[#words + 1] = chunk[1]
      end
      for _, line in ipairs(mark[4].virt_lines or {}) do
        words[#words + 1] = '\n'
        for _, chunk in ipairs(line) do
          words[#words + 1] = chunk[1]
        end
      end
      seen[#seen + 1] = ('%d:%d %s'):format(mark[2] + 1, mark[3], table.concat(words))
    end
  end
  return table.concat(seen, ' | ')
end

--- What T.screen() must say when `text` stands at the cursor.
function T.at_cursor(text)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return ('%d:%d %s'):format(row, col, text)
end

function T.line()
  return vim.api.nvim_get_current_line()
end

--- What the editor says over the wire from now on.
function T.record(client)
  local sent = {}
  for _, kind in ipairs({ 'request', 'notify' }) do
    local inner = client.rpc[kind]
    client.rpc[kind] = function(method, params, ...)
      sent[#sent + 1] = { method = method, params = vim.deepcopy(params) }
      return inner(method, params, ...)
    end
  end
  return {
    of = function(method)
      return vim.tbl_filter(function(message)
        return message.method == method
      end, sent)
    end,
    clear = function()
      sent = {}
    end,
  }
end

--- Sends a request and returns its result; errors come back as the second value.
function T.request(client, method, params)
  local done, result, err
  client:request(method, params, function(e, r)
    done, err, result = true, e, r
  end)
  T.wait('the answer to ' .. method, function()
    return done
  end)
  return result, err
end

--- The client of the current buffer, when ghost text is ready in it.
function T.attached()
  T.wait('the server to attach', function()
    return require('nextline.ghost').buffer(0)
  end)
  local native = require('nextline.ghost').buffer(0).display == require('nextline.native')
  T.note('display', native and 'native' or 'own')
  return require('nextline.ghost').buffer(0).client
end

--- Waits until the real server has read the project.
function T.learnt(client)
  local status
  T.wait('the project to be learnt', function()
    client:request('agent/status', vim.empty_dict(), function(_, answer)
      status = answer
    end)
    return status and status['local'].files > 0 and not status.busy
  end, 60000)
  T.note('learnt', status['local'])
end

function T.setup(options)
  options.display = vim.env.NEXTLINE_DISPLAY or 'auto'
  options.debounce_ms = 0
  require('nextline').setup(options)
end

function T.fail(err)
  write({ check = 'no error', want = '', got = tostring(err) .. '\n' .. T.screen() .. '\n' .. vim.fn.execute('messages') })
  vim.cmd('cquit!')
end

vim.schedule(function()
  coroutine.wrap(function()
    local ok, err = xpcall(function()
      dofile(('%s/%s.lua'):format(folder, vim.env.NEXTLINE_SCENARIO))(T)
    end, debug.traceback)
    if not ok then
      return T.fail(err)
    end
    write({ done = true })
    report:close()
    vim.cmd('qall!')
  end)()
end)
