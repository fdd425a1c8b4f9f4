-- The real server in a real project: what the embedded model offers, shown, typed through, accepted, saved.
-- The checks stand on what was shown, not on what a model should have learnt.
return function(T)
  local nextline = require('nextline')
  local check, line, screen = T.check, T.line, T.screen
  vim.keymap.set('i', '<Tab>', '=tab=')
  T.setup({ cmd = { vim.env.NEXTLINE_BIN, 'lsp' }, keys = true })
  local client = T.attached()
  T.note('server', vim.tbl_get(client, 'server_info', 'version') or '')
  T.learnt(client)

  vim.cmd('setlocal autoindent nosmartindent nocindent indentexpr=')
  local sent = T.record(client)
  local openings = {
    'use super::', '#[derive(Debug, Cl', 'assert_eq!(', 'impl Default', 'let mut ', 'pub fn new', 'if let Some(', '#[test',
    'return Err(', '.collect::<', 'use std::', 'match self', 'pub struct ', '#[must_use', '#[cfg(test', 'self.',
  }
  -- Types openings that any Rust project repeats on a line of its own until one gets ghost text that satisfies `wanted`.
  -- Each flow starts with another of them.
  local function ghost(what, wanted)
    table.insert(openings, table.remove(openings, 1))
    for _, opening in ipairs(openings) do
      T.keys('<Esc>Go')
      for _, char in ipairs(vim.fn.split(opening, '\\zs')) do
        T.keys(char)
        if nextline.visible() and wanted(nextline.text()) then
          T.note(what, { typed = line(), ghost = nextline.text() })
          return nextline.text()
        end
      end
      T.keys('<Esc>dd')
    end
    error('no ghost text for ' .. what)
  end
  local function long(n)
    return function(text)
      return #text >= n
    end
  end

  local rest = ghost('typed through', long(6))
  check('drawn at the cursor', T.at_cursor(rest), screen())
  local whole = line() .. rest
  sent.clear()
  T.type(rest:sub(1, 3), function()
    check('typed through', whole, line() .. (nextline.text() or ''))
    check('drawn while typing', T.at_cursor(nextline.text()), screen())
  end)
  check('no question while typing', 0, #sent.of('textDocument/inlineCompletion'))
  T.keys('<Tab>')
  check('accepted', whole, line())
  check('acceptance is told', 1, #sent.of('workspace/executeCommand'))

  rest = ghost('by word', function(text)
    return text:match('^%s*[%w_]+[^%w_]') ~= nil
  end)
  local before = line()
  T.keys('<C-Right>')
  local word = line():sub(#before + 1)
  check('a word of it', rest:sub(1, #word), word)
  check('not nothing and not all', { false, false }, { word == '', word == rest })
  check('what is left', rest:sub(#word + 1), nextline.text())
  check('a part is told', 1, #sent.of('textDocument/didPartiallyAcceptCompletion'))

  rest = ghost('by line', long(5))
  before = line()
  T.keys('<C-l>')
  check('a line of it', before .. rest:match('^[^\n]*'), line())

  ghost('dismissed', long(4))
  before = line()
  T.keys('<C-]>')
  check('dismissed', { before, '' }, { line(), screen() })
  T.keys('<Tab>')
  check('Tab is its owner\'s', before .. '=tab=', line())

  rest = ghost('mismatch', long(4))
  local wrong = vim.startswith(rest, '~') and '^' or '~'
  T.keys(wrong)
  check('nothing wrong stays', false, screen():find(rest, 1, true) ~= nil)

  ghost('cycled', long(2))
  rest = nextline.text()
  T.keys('<M-]>')
  T.keys('<M-[>')
  check('there and back', rest, nextline.text())
  T.keys('<Esc>')
  check('nothing in normal mode', '', screen())

  local _, err = T.request(client, 'agent/debug/assertText', {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n',
  })
  -- A release build does not know the question.
  check('the server has the same text', nil, err and err.code ~= -32601 and err.message or nil)
  vim.cmd('write')
  T.note('buffer', table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n')

  local why
  require('nextline.status').why(0, function(answer)
    why = answer or {}
  end)
  T.wait('why', function()
    return why
  end)
  T.note('why', why)
  check('the status line names the route', true, vim.startswith(nextline.status(), 'nextline local'))

  vim.cmd('checkhealth nextline')
  local health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  check('health', nil, health:match('ERROR[^\n]*'))
  check('health names the binary', true, health:find(vim.env.NEXTLINE_BIN, 1, true) ~= nil)
  check('health names the server', true, health:match('running: version %S+, 1 buffers') ~= nil)
  T.note('health', health)
end
