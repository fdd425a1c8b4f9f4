-- What the plugin does with the answers it gets: typing through, accepting, cycling, hiding, keys.
local units = require('nextline.text').units

local targets = {
  'let total = items.iter().sum::<u32>();',
  'let target = compute(alpha, beta);',
  'match value {\n    Some(x) => x,\n    None => 0,\n}',
  'let smile = "😀 ok" + other;',
}
local others = { ['let total = '] = { 'let total = items.len();', 'let total = 42;' } }
local number = 0

-- Items range from the first character of the line to the cursor, or over the text after it that they repeat.
local function answer(before, after, params)
  if before:match('keep') then
    return nil
  end
  local typed, items = before:match('^%s*(.*)$'), {}
  if before ~= '' and typed == '' then
    return { items = { { insertText = '    deeper();' } } }
  end
  local start = units(before:sub(1, #before - #typed), 'utf-16')
  local stop = params.position.character
  for _, target in ipairs(targets) do
    local texts = { target }
    for prefix, more in pairs(params.context.triggerKind == 1 and others or {}) do
      if vim.startswith(target, prefix) then
        vim.list_extend(texts, more)
      end
    end
    for _, text in ipairs(texts) do
      local goes_on = #typed >= 5 and vim.startswith(text, typed) and text ~= typed
      if goes_on and (after == '' or vim.endswith(text, after)) then
        number = number + 1
        local line = params.position.line
        items[#items + 1] = {
          insertText = text,
          range = {
            start = { line = line, character = start },
            ['end'] = { line = line, character = stop + units(after, 'utf-16') },
          },
          command = { title = 'Accepted', command = 'nextline.didAccept', arguments = { 'id' .. number } },
        }
      end
    end
  end
  return { items = params.context.triggerKind == 2 and { items[1] } or items }
end

return function(T)
  local nextline = require('nextline')
  local check, keys, type, line, screen = T.check, T.keys, T.type, T.line, T.screen
  vim.keymap.set('i', '<Tab>', '=global=')
  vim.keymap.set('i', '<C-l>', function()
    return '=own=' .. vim.fn.line('.')
  end, { buffer = 0, expr = true })
  T.setup({ cmd = T.scripted(answer), keys = true })
  local sent = T.record(T.attached())
  vim.cmd('setlocal expandtab autoindent nosmartindent nocindent indentexpr= completeopt=menuone,noinsert iskeyword=@,48-57,_')

  -- Shown, and typed through without a question and without a gap.
  keys('Go')
  type('let tot')
  check('shown', T.at_cursor('al = items.iter().sum::<u32>();'), screen())
  sent.clear()
  type('al = items', function()
    check('shown at every key', 'let total = items.iter().sum::<u32>();', line() .. (nextline.text() or ''))
    check('drawn at every key', T.at_cursor(nextline.text()), screen())
  end)
  keys('<BS><BS>')
  check('shown after going back', T.at_cursor('ms.iter().sum::<u32>();'), screen())
  check('no question while typing through', 0, #sent.of('textDocument/inlineCompletion'))
  check('told once', 0, #sent.of('textDocument/didShowCompletion'))

  -- In parts, and as a whole.
  keys('<C-Right>')
  check('a word', 'let total = items', line())
  check('what is left of it', T.at_cursor('.iter().sum::<u32>();'), screen())
  check('no question for a word', 0, #sent.of('textDocument/inlineCompletion'))
  local partly = sent.of('textDocument/didPartiallyAcceptCompletion')
  check('a part is told', { 1, 17 }, { #partly, partly[1].params.acceptedLength })
  keys('<Tab>')
  check('accepted', 'let total = items.iter().sum::<u32>();', line())
  check('gone after accepting', '', screen())
  local commands = sent.of('workspace/executeCommand')
  check('acceptance is told', { 1, 'nextline.didAccept', partly[1].params.item.command.arguments }, {
    #commands,
    commands[1].params.command,
    commands[1].params.arguments,
  })
  keys('<Esc>u')
  check('one undo takes back what was accepted', 'let total = items', line())

  -- Keys belong to others while nothing is shown.
  keys('cc<Tab><C-l>')
  check('keys as before', '=global==own=' .. vim.fn.line('.'), line())

  keys('<Esc>0C  ')
  check('deeper', T.at_cursor('    deeper();'), screen())
  keys('<Tab>')
  check('a key that indents', '  =global=', line())

  -- Several lines.
  keys('<Esc>0Cmatch v')
  check('several lines', T.at_cursor('alue {\n    Some(x) => x,\n    None => 0,\n}'), screen())
  keys('<C-l>')
  check('a line', 'match value {', line())
  check('the lines left', T.at_cursor('\n    Some(x) => x,\n    None => 0,\n}'), screen())
  keys('<C-l>')
  check('the next line', '    Some(x) => x,', line())
  keys('<CR>N')
  check('typed through a line break', T.at_cursor('one => 0,\n}'), screen())
  keys('<Tab>')
  check('the whole block', 'match value {\n    Some(x) => x,\n    None => 0,\n}', table.concat(vim.fn.getline(vim.fn.line('.') - 3, '.'), '\n'))

  -- Others to choose from.
  keys('<Esc>cclet total = ')
  local first = T.at_cursor('items.iter().sum::<u32>();')
  check('one at first', first, screen())
  keys('<M-]>')
  check('the next', T.at_cursor('items.len(); (2/3)'), screen())
  keys('<M-]>')
  check('the one after', T.at_cursor('42; (3/3)'), screen())
  keys('4')
  check('a key that only the chosen one has', T.at_cursor('2;'), (screen():gsub(' %(.*', '')))
  keys('<BS><Esc>cclet total = ')
  keys('<M-[>')
  check('the last before the first', T.at_cursor('42; (3/3)'), screen())
  keys('<Tab>')
  check('the chosen one', 'let total = 42;', line())

  -- Hidden when it is wrong, unwanted or out of place.
  keys('<Esc>cclet tar')
  check('shown again', T.at_cursor('get = compute(alpha, beta);'), screen())
  keys('z')
  check('hidden by other text', '', screen())
  keys('<Esc>cclet tar')
  keys('<C-]>')
  check('dismissed', '', screen())
  keys('g')
  check('dismissed while typing along it', '', screen())
  keys([[<M-\>]])
  check('asked for', T.at_cursor('et = compute(alpha, beta);'), screen())
  keys('<Esc>cclet tar<C-]><M-]>')
  check('asked for by asking for the next', T.at_cursor('get = compute(alpha, beta);'), screen())
  keys('<Left>')
  check('hidden by moving', '', screen())
  keys('<Esc>cclet tar')
  keys('<Esc>')
  check('hidden on leaving', '', screen())
  sent.clear()
  keys('hi<Right>')
  check('no question for reading', { 0, '' }, { #sent.of('textDocument/inlineCompletion'), screen() })
  keys('<Esc>A')
  check('at the end of a line', T.at_cursor('get = compute(alpha, beta);'), screen())

  -- `null` keeps, an empty list hides; both leave wrong text nowhere.
  keys('<Esc>cckeep let tar')
  check('nothing for null', '', screen())

  -- Text after the cursor that the item repeats is drawn once and replaced.
  keys('<Esc>cclet target = );<Left><Left>compute(al')
  check('inside brackets', T.at_cursor('pha, beta'), screen())
  keys('<Tab>')
  check('replaced', { 'let target = compute(alpha, beta);', 34 }, { line(), vim.fn.col('.') - 1 })

  keys('<Esc>cclet target = compute')
  check('before a bracket', T.at_cursor('(alpha, beta);'), screen())
  keys('()<Left>')
  check('hidden by a bracket after the cursor', '', screen())

  -- Columns are not bytes.
  keys('<Esc>cclet smile = "😀')
  check('after a wide character', T.at_cursor(' ok" + other;'), screen())
  sent.clear()
  keys('<C-Right>')
  check('a part in UTF-16', 18, sent.of('textDocument/didPartiallyAcceptCompletion')[1].params.acceptedLength)
  keys('<Tab>')
  check('wide characters', 'let smile = "😀 ok" + other;', line())

  -- The popup menu.
  keys('<Esc>cclet tar')
  local function menu(word)
    vim.fn.complete(vim.fn.col('.') - 3, { word, 'zzz' })
  end
  _G.menu = menu
  keys("<Cmd>lua menu('target')<CR>")
  T.wait('the menu', function()
    return vim.fn.pumvisible() == 1
  end)
  check('beside a menu that agrees', T.at_cursor('get = compute(alpha, beta);'), screen())
  keys('<Down>')
  T.wait('the menu to disagree', function()
    return screen() == '' and vim.fn.pumvisible() == 1
  end)
  check('the text is as it was', 'let tar', line())
  keys('<C-e>')
  T.wait('ghost text after the menu', function()
    return screen() ~= ''
  end)

  nextline.hide(true)
  check('hidden for another menu', { '', false }, { screen(), nextline.visible() })
  nextline.hide(false)
  check('shown after it', T.at_cursor('get = compute(alpha, beta);'), screen())

  -- Switched off, here and everywhere.
  keys('<Cmd>Nextline disable buffer<CR>')
  check('switched off', { '', 'nextline off' }, { screen(), nextline.status() })
  keys('<Cmd>Nextline enable buffer<CR>g')
  check('switched on', T.at_cursor('et = compute(alpha, beta);'), screen())
  keys('<Esc>ccnothing here')
  nextline.status()
  T.wait('the reason of silence', function()
    return nextline.status() == 'nextline (unsure)'
  end)
  check('no dialog', '', vim.trim(vim.fn.execute('messages')):match('[Ee]rror.*') or '')
end
