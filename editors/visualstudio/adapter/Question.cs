// A question with a field for its answer.
using System.Windows;
using System.Windows.Controls;
using Microsoft.VisualStudio.PlatformUI;

namespace Nextline.VisualStudio
{
    internal sealed class Question : DialogWindow
    {
        private Question(string title, string text, Control field)
        {
            Title = title;
            Width = 480;
            SizeToContent = SizeToContent.Height;
            WindowStartupLocation = WindowStartupLocation.CenterOwner;
            HasMinimizeButton = HasMaximizeButton = false;
            var well = new Button { Content = "OK", IsDefault = true, MinWidth = 80, HorizontalAlignment = HorizontalAlignment.Right, Margin = new Thickness(0, 8, 0, 0) };
            well.Click += (_, __) => DialogResult = true;
            var panel = new StackPanel { Margin = new Thickness(12) };
            panel.Children.Add(new TextBlock { Text = text, TextWrapping = TextWrapping.Wrap, Margin = new Thickness(0, 0, 0, 8) });
            panel.Children.Add(field);
            panel.Children.Add(well);
            Content = panel;
            Loaded += (_, __) => field.Focus();
        }

        /// <summary>What the person answered; null when they closed it.</summary>
        internal static string Ask(string title, string text, string answer)
        {
            var field = new TextBox { Text = answer };
            field.SelectAll();
            return new Question(title, text, field).ShowModal() == true ? field.Text : null;
        }

        /// <summary>The same, unseen.</summary>
        internal static string Secret(string title)
        {
            var field = new PasswordBox();
            return new Question(title, "The key", field).ShowModal() == true ? field.Password : null;
        }
    }
}
